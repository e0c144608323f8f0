import Contracts
import PipelineModel

/// Answers what is asked through the admin socket.
struct AdminDesk: Sendable {
    /// What the desk does not decide itself.
    struct Proxy: Sendable {
        var process: ProcessIdentity
        /// Where production traffic is taken: `127.0.0.1:8080`.
        var listen: String
        /// The colours that have an upstream.
        var colors: Set<Color>
        var isUp: @Sendable (Color) async -> Bool
        var closeTunnels: @Sendable (Color) async -> Void
        var sleep: @Sendable (Duration) async -> Void

        init(
            process: ProcessIdentity, listen: String, colors: Set<Color>,
            isUp: @escaping @Sendable (Color) async -> Bool,
            closeTunnels: @escaping @Sendable (Color) async -> Void,
            sleep: @escaping @Sendable (Duration) async -> Void
        ) {
            self.process = process
            self.listen = listen
            self.colors = colors
            self.isUp = isUp
            self.closeTunnels = closeTunnels
            self.sleep = sleep
        }
    }

    let register: Register
    let meter: TrafficMeter
    let recent: RecentLatency
    let proxy: Proxy

    init(register: Register, meter: TrafficMeter, recent: RecentLatency, proxy: Proxy) {
        self.register = register
        self.meter = meter
        self.recent = recent
        self.proxy = proxy
    }

    /// Answers one line. `reply` is called exactly once; a pause goes on after that, until its end.
    func answer(_ line: String, reply: @Sendable (String) -> Void) async {
        let command: AdminCommand
        do throws(AdminCommand.Mistake) {
            command = try AdminCommand(line)
        } catch {
            return reply("error \(error.message)\n")
        }
        switch command {
        case .ping: reply("\(greeting)\n")
        case .observe: reply("\(await observation())\n")
        case .write(let datum): reply(await write(datum))
        case .stats: reply("\(statistics)\n")
        case .metrics: reply(MetricsText(register.routing.current, meter).text)
        case .split(let split, let token):
            reply(Self.words(await register.split(split, token: token)))
        case .closeTunnels(let color):
            await proxy.closeTunnels(color)
            reply("ok\n")
        case .resume:
            await register.resume()
            reply("ok\n")
        case .pause(let length):
            let pause = await register.pause()
            reply("ok\n")
            await proxy.sleep(length)
            await register.resume(pause)
        }
    }

    private func write(_ datum: Datum) async -> String {
        guard proxy.colors.contains(datum.live) else { return "missing \(datum.live)\n" }
        return Self.words(await register.write(datum))
    }

    private static func words(_ answer: Register.Answer) -> String {
        switch answer {
        case .applied: "applied\n"
        case .stale(let held): "stale \(held)\n"
        case .appliedNotDurable(let why): "undurable \(line(why))\n"
        case .refused(let why): "refused \(line(why))\n"
        case .unknown(let why): "unknown \(line(why))\n"
        }
    }

    private static func line(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    private var greeting: JSON {
        .object([
            "pid": .integer(Int(proxy.process.pid)),
            "startTime": .integer(Int(clamping: proxy.process.startTime)),
            "bootID": .text(proxy.process.bootID), "listen": .text(proxy.listen),
        ])
    }

    private func observation() async -> JSON {
        async let blue = pool(.blue)
        async let green = pool(.green)
        let (record, durable) = (register.record, register.durable())
        var members: [String: JSON] = [
            "live": .text(record.datum.live.rawValue),
            "claimed": .boolean(record.datum.isIdleClaimed),
            "token": .text("\(record.datum.token)"), "durable": Self.json(durable),
            "paused": .boolean(register.isPaused),
        ]
        members["split"] = record.split?.json
        let pools = await [("blue", blue), ("green", green)].compactMap { name, pool in
            pool.map { (name, $0) }
        }
        members["pools"] = .object(Dictionary(uniqueKeysWithValues: pools))
        return .object(members)
    }

    private func pool(_ color: Color) async -> JSON? {
        guard proxy.colors.contains(color) else { return nil }
        let isUp = await proxy.isUp(color)
        let inFlight = meter.snapshot()[color]?.inFlight ?? 0
        return .object([
            "up": .integer(isUp ? 1 : 0), "servers": .integer(1), "inFlight": .integer(inFlight),
        ])
    }

    private static func json(_ durable: Observation.Durable) -> JSON {
        switch durable {
        case .same: .text("same")
        case .differs(.color(let color)), .differs(.shared(let color, _)):
            .object(["differs": .text(color.rawValue)])
        case .differs(.foreign(let text)): .object(["unknown": .text(text)])
        case .differs(.absent): .object(["unknown": .text("nothing is on disk")])
        case .unknown(let why): .object(["unknown": .text(why)])
        }
    }

    private var statistics: JSON {
        let averages = recent.averages
        var members = Dictionary(
            uniqueKeysWithValues: meter.snapshot().map { color, counts in
                (color.rawValue, Self.json(counts, average: averages[color]))
            })
        members["held"] = .integer(meter.held)
        return .object(members)
    }

    private static func json(_ counts: TrafficSnapshot, average: Duration?) -> JSON {
        var members: [String: JSON] = [
            "requests": .integer(counts.requests), "2xx": .integer(counts.successes),
            "3xx": .integer(counts.redirections), "4xx": .integer(counts.clientErrors),
            "5xx": .integer(counts.serverErrors), "unanswered": .integer(counts.unanswered),
            "abandoned": .integer(counts.abandoned),
            "inFlight": .integer(counts.requestsInFlight), "tunnels": .integer(counts.tunnels),
        ]
        members["averageMicroseconds"] = average.map(microseconds)
        members["p50Microseconds"] = counts.latency.p50.map(microseconds)
        members["p95Microseconds"] = counts.latency.p95.map(microseconds)
        members["p99Microseconds"] = counts.latency.p99.map(microseconds)
        return .object(members)
    }

    private static func microseconds(_ length: Duration) -> JSON {
        .integer(Int((length.inSeconds * 1_000_000).rounded()))
    }
}
