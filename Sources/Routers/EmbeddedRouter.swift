package import Contracts
package import PipelineModel

/// The proxy that `bluegreen proxy` starts, switched through its admin socket.
package struct EmbeddedRouter: Router {
    package static let kind = "embedded"
    package static let mayShareTraffic = true
    package static let summary =
        "bluegreen's own small proxy: a fenced value, written into its admin socket."
    package static let settings = EmbeddedSettings.description

    /// The proxy itself refuses a token that is lower than its own.
    package let fencing = Fencing.token
    package let abilities = RouterAbilities.valuePerRequest(
        showsDrain: true, isDurable: true, routesTesters: true, sharesTraffic: true)
    private let admin: EmbeddedAdmin

    package init?(_ settings: Section, world: World) {
        guard let read = settings.readingAlone(EmbeddedSettings.init) else { return nil }
        admin = EmbeddedAdmin(path: read.plan.admin, listen: read.plan.listen, world: world)
    }

    package var address: String { admin.path }

    package func observe() async throws(Failure) -> Observation {
        let members = try await admin.ask("observe")
        guard let observation = Observation(members) else {
            throw admin.garbled(Array("\(JSON.object(members))".utf8))
        }
        return observation
    }

    package func write(_ datum: Datum, expecting: Observation) async -> WriteResult {
        if let seen = expecting.token, seen > datum.token { return .refusedStale(seen) }
        let claim = datum.isIdleClaimed ? "claimed" : "free"
        let share = datum.idlePercent.map { " \($0)%" } ?? ""
        let answer: [UInt8]
        do throws(StreamFailure) {
            answer = try await admin.send(
                "write \(datum.live) \(claim) \(datum.token)\(share)",
                within: EmbeddedAdmin.writeLimit)
        } catch {
            let failure = admin.unreachable(error)
            return error.mayHaveActed ? .unknown(failure) : .notApplied(failure)
        }
        return result(answer, datum)
    }

    private func result(_ answer: [UInt8], _ datum: Datum) -> WriteResult {
        let text = String(decoding: answer, as: UTF8.self)
        let words = text.split(separator: " ", maxSplits: 1).map(String.init)
        guard text.hasSuffix("\n"), let word = words.first else {
            return .unknown(admin.garbled(answer))
        }
        let rest = String((words.count > 1 ? words[1] : "").dropLast())
        switch word {
        case "applied\n": return .applied
        case "stale":
            return Token(rest).map(WriteResult.refusedStale)
                ?? .unknown(admin.garbled(answer))
        case "missing":
            return .notApplied(
                Failure(
                    .routerTargetMissing, "The proxy has no address for \(datum.live).",
                    hint: "Restart it with a pipeline that names 'colors.\(datum.live)'."))
        case "refused":
            return .notApplied(
                Failure(
                    .routerRefused, "The proxy refused to make \(datum.live) live.",
                    evidence: [Evidence.line(rest)]))
        case "undurable":
            return .appliedNotDurable(
                Failure(
                    .routerNotDurable, "The proxy switched, but a power cut may undo it.",
                    evidence: [Evidence.line(rest)]))
        case "unknown":
            return .unknown(
                Failure(
                    .routerRefused, "The proxy does not know what its register holds.",
                    evidence: [Evidence.line(rest)], hint: "Look at its disk."))
        default: return .unknown(admin.garbled(answer))
        }
    }
}

extension EmbeddedRouter: MeteredRouter {
    package static let metrics: [RouterMetricName] = [
        .errorRate, .requestRate, .averageResponseTime,
    ]

    package func counters() async throws(Failure) -> [Color: TrafficCounters] {
        let members = try await admin.ask("stats")
        var counters: [Color: TrafficCounters] = [:]
        for color in Color.allCases {
            guard let count = members[color.rawValue].flatMap(TrafficCounters.init) else {
                throw admin.garbled(Array("\(JSON.object(members))".utf8))
            }
            counters[color] = count
        }
        return counters
    }
}

extension EmbeddedRouter: ClosingRouter {
    package func closeTunnels(to color: Color) async throws(Failure) {
        let answer: [UInt8]
        do throws(StreamFailure) {
            answer = try await admin.send(
                "close-tunnels \(color)", within: EmbeddedAdmin.writeLimit)
        } catch {
            throw admin.unreachable(error)
        }
        guard answer == Array("ok\n".utf8) else { throw admin.garbled(answer) }
    }
}

extension EmbeddedRouter: ConfigurableRouter {
    package static func startingPoint(_ plan: StartingPlan) -> StartingPoint {
        StartingPoint(
            files: [], loading: ["bluegreen proxy --detach"],
            pipeline: """
                router:
                  embedded:                   # 'bluegreen proxy'; in production: HAProxy or nginx
                    listen: \(plan.listen)

                """)
    }
}
