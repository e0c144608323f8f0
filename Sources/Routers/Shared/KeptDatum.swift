import Contracts
import PipelineModel

/// What a router keeps for one service, as far as it can be read.
struct KeptDatum: Hashable, Sendable {
    static let absent = KeptDatum(.absent)

    var sighting: Observation.Sighting
    var isIdleClaimed: Bool
    var token: Token?

    init(
        _ sighting: Observation.Sighting, isIdleClaimed: Bool = false, token: Token? = nil
    ) {
        self.sighting = sighting
        self.isIdleClaimed = isIdleClaimed
        self.token = token
    }

    /// Reads `live:idle:percent:token` (`idle` is `-` while claimed, the token may be missing) or a
    /// plain colour. Whatever is not exactly that is foreign; so is a share of traffic on both colours,
    /// unless the router `mayShare` it.
    init(written text: String, mayShare: Bool = false) {
        let fields = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let live = Color(rawValue: String(fields[0])) else {
            self.init(.foreign(Evidence.line(text)))
            return
        }
        if fields.count == 1 {
            self.init(.color(live))
            return
        }
        let token = fields.count == 4 ? Self.token(fields[3]) : nil
        let isClaimed = fields.count > 1 && fields[1] == "-"
        guard fields.count == 3 || token != nil, isClaimed || fields[1] == live.other.rawValue,
            let sighting = Self.sighting(live, fields[2], mayShare: mayShare && !isClaimed)
        else {
            self.init(.foreign(Evidence.line(text)))
            return
        }
        self.init(sighting, isIdleClaimed: isClaimed, token: token)
    }

    private static func sighting(
        _ live: Color, _ percent: Substring, mayShare: Bool
    ) -> Observation.Sighting? {
        if percent == "0" { return .color(live) }
        guard mayShare, let share = Int(percent), (1...99).contains(share), "\(share)" == percent
        else { return nil }
        return .shared(live, idlePercent: share)
    }

    /// `nil` where it is not a whole datum.
    var datum: Datum? {
        guard let token else { return nil }
        switch sighting {
        case .color(let live): return Datum(live: live, isIdleClaimed: isIdleClaimed, token: token)
        case .shared(let live, let percent):
            return Datum(
                live: live, isIdleClaimed: isIdleClaimed, idlePercent: percent, token: token)
        case .foreign, .absent: return nil
        }
    }

    /// The token before which `wanted` has to step back: a newer one, or its own beside another value.
    ///
    /// Two machines with records of their own that begin by the same token both take the next one.
    func token(before wanted: Datum) -> Token? {
        guard let token, token >= wanted.token else { return nil }
        guard token == wanted.token else { return token }
        return datum == nil || datum == wanted ? nil : token
    }

    /// `nil` also for a number that no run can have: it must not keep everybody from writing.
    private static func token(_ text: Substring) -> Token? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text) else {
            return nil
        }
        let token = Token(number: number)
        return token.epoch <= Token.largestEpoch ? token : nil
    }
}

extension Datum {
    /// Refuses a share, for a place that has none: written there, it would be lost, or garble the rest.
    func requireOneColor(for place: String) throws(Failure) {
        guard idlePercent != nil else { return }
        throw Failure(
            .routerRefused, "\(place) can say no share of the requests.",
            hint: "Leave 'canary' out, or see docs/routers/README.md for routers that have shares.")
    }

    /// `live:idle:percent:token`
    var written: String {
        "\(live):\(isIdleClaimed ? "-" : live.other.rawValue):\(idlePercent ?? 0):\(token.number)"
    }

    /// The text that keeps this datum. Where `former` has no fields, the router's configuration knows
    /// only plain colours: then claim and token are lost, and a share cannot be kept.
    func written(like former: String) -> String? {
        guard !former.contains(":") else { return written }
        return idlePercent == nil ? live.rawValue : nil
    }
}

extension Observation.Sighting {
    /// Of 100 requests, so many go to green; `nil` where that is not known.
    var greenPercent: Int? {
        switch self {
        case .color(let color): color == .green ? 100 : 0
        case .shared(.blue, let percent): percent
        case .shared(.green, let percent): 100 - percent
        case .foreign, .absent: nil
        }
    }

    /// The colour of most requests, with so many of 100 on green.
    init(greenPercent: Int) {
        switch greenPercent {
        case 0: self = .color(.blue)
        case 100: self = .color(.green)
        case ...50: self = .shared(.blue, idlePercent: greenPercent)
        default: self = .shared(.green, idlePercent: 100 - greenPercent)
        }
    }
}
