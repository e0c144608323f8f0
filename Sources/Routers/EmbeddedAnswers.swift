import Contracts
import PipelineModel

// What the admin socket of the embedded proxy answers, read strictly.

extension Observation {
    /// What `observe` of the admin socket says; `nil` for anything else.
    init?(_ members: [String: JSON]) {
        guard let live = members["live"]?.color, case .boolean(let isClaimed)? = members["claimed"],
            let token = members["token"]?.text.flatMap({ Token($0) }),
            let durable = members["durable"].flatMap(Durable.init),
            case .object(let written)? = members["pools"]
        else { return nil }
        var pools: [Color: Pool] = [:]
        for (name, pool) in written {
            guard let color = Color(rawValue: name), let pool = Pool(pool) else { return nil }
            pools[color] = pool
        }
        var effective = Sighting.color(live)
        if let percent = members["split"]?["percent"]?.whole, percent > 0 {
            effective =
                percent < 100
                ? .shared(live, idlePercent: percent)
                : .foreign("\(live), and \(percent)% on \(live.other)")
        }
        self.init(
            effective: effective, durable: durable, token: token, isIdleClaimed: isClaimed,
            oldWorkers: 0, pools: pools)
    }
}

extension Observation.Durable {
    fileprivate init?(_ json: JSON) {
        if json == .text("same") {
            self = .same
        } else if let color = json["differs"]?.color {
            self = .differs(.color(color))
        } else if case .text(let why)? = json["unknown"] {
            self = .unknown(Evidence.line(why))
        } else {
            return nil
        }
    }
}

extension Pool {
    fileprivate init?(_ json: JSON) {
        guard let up = json["up"]?.whole, let servers = json["servers"]?.whole,
            let inFlight = json["inFlight"]?.whole
        else { return nil }
        self.init(serversUp: up, serversInAll: servers, inFlight: inFlight)
    }
}

extension TrafficCounters {
    init?(_ json: JSON) {
        guard let requests = json["requests"]?.whole, let failed = json["5xx"]?.whole,
            let unanswered = json["unanswered"]?.whole, let abandoned = json["abandoned"]?.whole,
            let inFlight = json["inFlight"]?.whole, let tunnels = json["tunnels"]?.whole
        else { return nil }
        self.init(
            requests: requests - abandoned, errors: failed + unanswered,
            averageResponseTime: json["averageMicroseconds"]?.whole.map { .microseconds($0) },
            inFlight: inFlight + tunnels)
    }
}

extension JSON {
    fileprivate var color: Color? { words.flatMap(Color.init(rawValue:)) }
}
