import Contracts
import PipelineModel
import Synchronization

/// Keeps the running counts that metrics need: the routers' own, and those of our own requests.
final class TrafficWatch: Sendable {
    private let runner: Runner
    private let color: Color
    /// Our own requests go to the colour itself: at the public address most answers are the other's.
    let asksDirectly: Bool
    private let state = Mutex(State())

    /// What happened between two calls of `take`.
    struct Interval: Sendable {
        var traffic: TrafficWindow?
        /// Why `traffic` is absent, or a part: where it is set, good figures prove nothing.
        var silence: String?
        var probes: ProbeWindow?
    }

    private struct State: Sendable {
        var counters: [RouterID: [Color: TrafficCounters]] = [:]
        var taken = Duration.zero
        /// Own requests that no router had counted yet: it will, and nobody else made them. Less than
        /// none: it had counted so many before their answer was here.
        var uncounted = 0
        /// When each that is under way was sent.
        var underWay: [Int: Duration] = [:]
        /// Those of them whose wait counted as a slow answer already; each does so once.
        var late: Set<Int> = []
        var sent = 0
        var probes = 0
        var errors = 0
        var latencies: [Duration] = []
        var trouble: String?
    }

    init(_ runner: Runner, color: Color, asksDirectly: Bool = false) {
        self.runner = runner
        self.color = color
        self.asksDirectly = asksDirectly
    }

    private var needs: Set<TrafficNeed> {
        runner.equipment.metrics.reduce(into: []) { $0.formUnion($1.source.needs) }
    }

    private var probesPerSecond: Double? {
        needs.compactMap { if case .probes(let rate) = $0 { rate } else { nil } }.max()
    }

    /// The first counters, against which the first interval is measured.
    func start() async {
        let counters = await runner.readCounters().told
        state.withLock {
            $0.counters = counters
            $0.taken = runner.world.time.now()
        }
    }

    /// Sends paced requests through the public address until its task is cancelled.
    func probe() async {
        guard let rate = probesPerSecond, let prober = runner.prober else { return }
        let pace = Duration.seconds(1) / rate
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                group.addTask { await self.ask(prober) }
                await runner.world.time.sleep(pace)
            }
        }
    }

    private func ask(_ prober: Prober) async {
        let limit = Duration.seconds(5)
        let number = begin()
        let answer =
            asksDirectly
            ? await prober.askDirectly(color, timeout: limit)
            : await prober.askPublic(timeout: limit)
        note(answer, to: number)
    }

    private func begin() -> Int {
        let now = runner.world.time.now()
        return state.withLock {
            $0.sent += 1
            $0.underWay[$0.sent] = now
            return $0.sent
        }
    }

    private func note(_ answer: Prober.Answer?, to number: Int) {
        state.withLock {
            $0.underWay[number] = nil
            let wasLate = $0.late.remove(number) != nil
            guard let answer else { return }
            $0.probes += 1
            guard answer.isServed else {
                $0.errors += 1
                $0.trouble = Runner.words(answer.kind)
                return
            }
            if !wasLate { $0.latencies.append(answer.ended - answer.sent) }
        }
    }

    /// What happened since the last call, or since `start`.
    func take() async -> Interval {
        let look = await runner.readCounters()
        let now = runner.world.time.now()
        let hasProbes = probesPerSecond != nil
        return state.withLock { state in
            let known = state.counters.filter { look.told[$0.key] != nil }
            var traffic =
                look.isComplete && known.count != look.told.count
                ? nil
                : Self.window(
                    from: known, to: look.told.filter { known[$0.key] != nil }, color: color,
                    length: now - state.taken)
            var uncounted = 0
            if !asksDirectly, let counted = traffic?.requests {
                let own = state.probes + state.uncounted
                // What is under way a router may have counted already: nobody else need have come.
                let early = min(max(0, counted - own), state.underWay.count)
                traffic?.ownRequests = own + early
                traffic?.ownErrors = state.errors
                uncounted = early > 0 ? -early : min(max(0, own - counted), state.probes)
            }
            // What has had no answer for a whole interval takes at least as long as it has waited.
            let late = state.underWay.filter { number, sent in
                sent <= state.taken && !state.late.contains(number)
            }
            let probes =
                hasProbes
                ? ProbeWindow(
                    count: state.probes, errors: state.errors,
                    latencies: state.latencies + late.values.map { now - $0 },
                    trouble: state.trouble)
                : nil
            let gap = traffic == nil ? Self.gap(from: state.counters, to: look.told) : nil
            state = State(
                counters: look.told, taken: now, uncounted: uncounted,
                underWay: state.underWay, late: state.late.union(late.keys), sent: state.sent)
            return Interval(traffic: traffic, silence: look.silence ?? gap, probes: probes)
        }
    }

    /// Why what a router told now cannot be compared with what it told before.
    private static func gap(
        from before: [RouterID: [Color: TrafficCounters]],
        to after: [RouterID: [Color: TrafficCounters]]
    ) -> String? {
        for (id, counters) in after.sorted(by: { $0.key < $1.key }) {
            guard let old = before[id] else {
                return "\(id): it has told no earlier count to compare with"
            }
            let isAnew = counters.contains { color, new in
                old[color].map { new.requests < $0.requests || new.errors < $0.errors } ?? false
            }
            if isAnew { return "\(id): it counts anew, as after a restart" }
        }
        return nil
    }

    /// `nil` where nothing was counted at both ends, or a router was restarted in between.
    private static func window(
        from before: [RouterID: [Color: TrafficCounters]],
        to after: [RouterID: [Color: TrafficCounters]], color: Color, length: Duration
    ) -> TrafficWindow? {
        var window: TrafficWindow?
        for (id, counters) in after {
            guard let new = counters[color], let old = before[id]?[color],
                new.requests >= old.requests, new.errors >= old.errors
            else { return nil }
            var sum =
                window
                ?? TrafficWindow(requests: 0, errors: 0, averageResponseTime: nil, length: length)
            let requests = new.requests - old.requests
            sum.requests += requests
            sum.errors += new.errors - old.errors
            let times = new.responseTimes.since(old.responseTimes)
            sum.responseTimes = sum.responseTimes + times
            // What was measured before this window says nothing of it.
            let time = requests > 0 ? times.average ?? new.averageResponseTime : nil
            sum.averageResponseTime = [sum.averageResponseTime, time].compactMap(\.self).max()
            window = sum
        }
        return window
    }
}

/// What the routers that count said when they were asked.
struct CounterLook: Sendable {
    var told: [RouterID: [Color: TrafficCounters]] = [:]
    fileprivate var failures: [RouterID: Failure] = [:]

    /// A sum without one of the routers would be no count of all requests.
    var isComplete: Bool { failures.isEmpty }

    /// Why one of them told nothing.
    var silence: String? {
        failures.min { $0.key < $1.key }.map { id, failure in
            "\(id): \(failure.message)" + failure.evidence.map { " (\($0))" }.joined()
        }
    }
}

extension Runner {
    /// The counters of every router that takes part and has some; one that cannot be read leaves a gap.
    func readCounters() async -> CounterLook {
        await withTaskGroup(of: (RouterID, Result<[Color: TrafficCounters], Failure>).self) {
            group in
            for (id, router) in part {
                guard let router = router.meter else { continue }
                group.addTask { (id, await router.countersOrWhy()) }
            }
            return await group.reduce(into: CounterLook()) { look, answer in
                switch answer.1 {
                case .success(let counters): look.told[answer.0] = counters
                case .failure(let failure): look.failures[answer.0] = failure
                }
            }
        }
    }

    func rememberCounters() async {
        let look = await readCounters()
        memory.withLock { $0.counters = look.isComplete ? look.told : [:] }
    }

    /// Requests that the routers counted on each colour since the last look before the write, less our
    /// own. Told once: a later write has another beginning.
    func realRequests(without own: () -> [Color: Int]) async -> [Color: Int]? {
        let before = memory.withLock { memory in
            defer { memory.counters = [:] }
            return memory.counters
        }
        guard !before.isEmpty else { return nil }
        let after = await readCounters()
        guard after.isComplete, before.keys == after.told.keys else { return nil }
        var counts: [Color: Int] = [:]
        for (id, colors) in after.told {
            for (color, counters) in colors {
                guard let old = before[id]?[color], counters.requests >= old.requests else {
                    return nil
                }
                counts[color, default: 0] += counters.requests - old.requests
            }
        }
        let probes = own()
        for (color, count) in counts { counts[color] = max(0, count - (probes[color] ?? 0)) }
        return counts
    }
}
