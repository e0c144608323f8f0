package import Contracts
package import PipelineModel

/// HAProxy, switched through its runtime API or through a variable that compares tokens.
package struct HAProxyRouter: Router {
    package static let kind = "haproxy"
    package static let mayShareTraffic = true
    package static let summary =
        "HAProxy: one value of a map, or a variable that refuses stale writers; no reload."

    package let fencing: Fencing
    package let abilities: RouterAbilities
    private let runtime: HAProxyRuntime
    private let master: HAProxyRuntime?
    private let backends: [Color: String]
    private let keeper: any HAProxyKeeper

    package init?(_ settings: Section, world: World) {
        guard let read = settings.readingAlone(HAProxySettings.init) else { return nil }
        runtime = HAProxyRuntime(endpoint: read.endpoint, streams: world.streams)
        master = read.master.map {
            HAProxyRuntime(endpoint: .unix(path: $0), streams: world.streams)
        }
        backends = read.backends
        keeper = read.keeper(asking: runtime, world: world)
        fencing = keeper.fencing
        abilities = .valuePerRequest(
            showsDrain: true, isDurable: keeper.isDurable, routesTesters: true,
            sharesTraffic: keeper.sharesTraffic)
    }

    package var address: String { "\(runtime.endpoint)" }
    package func believed() async -> Set<RouterAbilities.Believed> {
        guard keeper.sharesTraffic, await !keeper.isShareRead() else { return [.testers] }
        return [.shares, .testers]
    }

    package var cold: (any ColdStart)? {
        keeper.startFile.map { HAProxyStart(runtime: runtime, keeper: keeper, file: $0) }
    }

    package func observe() async throws(Failure) -> Observation {
        async let oldWorkers = countOldWorkers()
        let sight = try await keeper.look()
        let pools = backends.compactMapValues { sight.statistics.pool(of: $0) }
        let missing = Dictionary(
            uniqueKeysWithValues: Color.allCases.filter { pools[$0] == nil }.map {
                ($0, targetMissing($0))
            })
        return Observation(
            effective: sight.kept.sighting, durable: keeper.durable(besides: sight.kept),
            token: sight.kept.token, isIdleClaimed: sight.kept.isIdleClaimed,
            oldWorkers: await oldWorkers, pools: pools, sharesNothing: sight.sharesNothing,
            missing: missing.isEmpty ? nil : missing)
    }

    package func write(_ datum: Datum, expecting: Observation) async -> WriteResult {
        if let seen = expecting.token, seen > datum.token { return .refusedStale(seen) }
        let sight: HAProxySight
        do throws(Failure) {
            if !keeper.sharesTraffic { try datum.requireOneColor(for: "HAProxy's register") }
            sight = try await keeper.look()
        } catch {
            return .notApplied(error)
        }
        if let held = sight.kept.token(before: datum) { return .refusedStale(held) }
        guard let target = backends[datum.live], sight.statistics.pool(of: target) != nil else {
            return .notApplied(targetMissing(datum.live))
        }
        return await keeper.put(datum, over: sight)
    }

    /// Counting is a courtesy: a master that does not answer must not stop a rollback, so it reads as
    /// "cannot be counted".
    private func countOldWorkers() async -> Int? {
        do throws(Failure) {
            guard let answer = try await master?.ask("show proc") else { return nil }
            return HAProxyProcesses.oldWorkers(in: answer)
        } catch {
            return nil
        }
    }

    private func targetMissing(_ color: Color) -> Failure {
        Failure(
            .routerTargetMissing,
            "HAProxy has no backend '\(backends[color] ?? "")' for \(color).",
            hint: "Add the backend to HAProxy's configuration, or name it under 'backends'.")
    }
}

extension HAProxyRouter: MeteredRouter {
    package static let metrics: [RouterMetricName] = [
        .errorRate, .requestRate, .averageResponseTime,
    ]

    package func counters() async throws(Failure) -> [Color: TrafficCounters] {
        let answer = try await runtime.ask("show stat -1 2 -1")
        guard let statistics = HAProxyStatistics(answer[...], of: backends.values) else {
            throw runtime.garbled(answer)
        }
        var counters: [Color: TrafficCounters] = [:]
        for (color, backend) in backends {
            guard let count = statistics.counters(of: backend) else {
                throw Failure(
                    .metricUnreadable, "HAProxy counts no requests for the backend '\(backend)'.",
                    hint: "The backend must exist and be in 'mode http'.")
            }
            counters[color] = count
        }
        return counters
    }
}
