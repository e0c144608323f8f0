import Contracts
import PipelineModel

@testable import RunEngine

/// Lives every run that one plan can have, and notes each broken promise.
///
/// Runs that meet in the same place go on alike: each place is visited once, and every way through it
/// counts as a run.
struct RunWalk {
    private struct Place: Hashable {
        var machine: RunMachine
        var event: RunEvent
        var ghost: GhostFleet
        var trail: RunTrail
    }

    /// What leads on from a place: how many runs, and the actions of the longest.
    private struct Onward {
        var runs = 0
        var length = 0

        static func + (one: Onward, other: Onward) -> Onward {
            Onward(runs: one.runs + other.runs, length: max(one.length, other.length))
        }
    }

    private static let longest = 64

    let plan: RunPlan
    private(set) var runs = 0
    private(set) var endings: Set<String> = []
    private(set) var broken: [String] = []
    private var visited: [Place: Onward] = [:]
    private var path: [RunAction] = []

    init(_ plan: RunPlan, routers count: Int = 1) {
        self.plan = plan
        for ghost in Self.starts(plan, count) {
            let machine = RunMachine(plan: plan, epoch: 41)
            let all = go(from: machine, on: .began(.example(plan)), ghost, RunTrail(plan))
            runs += all.runs
            if all.length >= Self.longest { note("a run ends within \(Self.longest) actions") }
        }
    }

    /// What the routers may show when such a run begins.
    private static func starts(_ plan: RunPlan, _ count: Int) -> [GhostFleet] {
        let old = GhostRouter(plan.entry == .baking ? plan.to : plan.from)
        let new = GhostRouter(plan.to, plan.openToken ?? Token(epoch: 40, round: 2))
        let allOld = GhostFleet(Array(repeating: old, count: count))
        let allNew = GhostFleet(Array(repeating: new, count: count))
        switch plan.entry {
        case .confirming:
            return count == 1
                ? [allOld, allNew]
                : [allOld, allNew, allOld.changed { $0.routers[0] = new }]
        case .rollingBack where plan.isSplit == true && count > 1:
            return [allOld.changed { $0.routers[0] = new }]
        case .levelling:
            let behind = GhostRouter(plan.to.other)
            return [allOld.changed { $0.routers[0] = behind }]
        case .deploying, .checking, .switching, .baking, .rollingBack, .retiring, .adopting:
            return [allOld]
        }
    }

    private mutating func go(
        from machine: RunMachine, on event: RunEvent, _ ghost: GhostFleet, _ trail: RunTrail
    ) -> Onward {
        let place = Place(machine: machine, event: event, ghost: ghost, trail: trail)
        if let known = visited[place] { return known }
        // Who comes back to a place on the way has no end.
        visited[place] = Onward(runs: 1, length: Self.longest)
        var machine = machine
        var trail = trail
        trail.hear(event, plan)
        let action = machine.handle(event)
        path.append(action)
        defer { path.removeLast() }
        for promise in trail.promisesBroken(by: action, on: event, machine) { note(promise) }
        if machine.handle(.surveyed([:])) != action { note("evidence changed what is done") }
        trail.take(action)
        guard path.count < Self.longest else { return Onward(runs: 1, length: Self.longest) }
        var onward = leads(from: machine, by: action, ghost, trail)
        onward.length += 1
        visited[place] = onward
        return onward
    }

    private mutating func leads(
        from machine: RunMachine, by action: RunAction, _ ghost: GhostFleet, _ trail: RunTrail
    ) -> Onward {
        if case .finish(let outcome) = action {
            endings.insert(Self.word(outcome.ending))
            for promise in trail.promisesBroken(by: outcome, ghost, plan) { note(promise) }
            return Onward(runs: 1)
        }
        var onward = Onward()
        for ending in ghost.endings(of: action) {
            onward = onward + go(from: machine, on: ending.event, ending.ghost, trail)
            if !machine.goesOnUnrecorded, !ending.event.isStop {
                let lost = Interruption.unrecorded(GhostFleet.failure)
                onward = onward + go(from: machine, on: .stopRequested(lost), ending.ghost, trail)
            }
            let foreign = ending.ghost.changed { $0.isForeign = true }
            onward =
                onward + go(from: machine, on: .stopRequested(GhostFleet.newerRun), foreign, trail)
        }
        guard machine.isInterruptible else { return onward }
        for wish in [Interruption.signal(15), .aborted, .timedOut] {
            onward = onward + go(from: machine, on: .stopRequested(wish), ghost, trail)
        }
        return onward
    }

    private mutating func note(_ promise: String) {
        guard broken.count < 5 else { return }
        let actions = path.map { "\($0)".prefix(90) }.joined(separator: "\n    ")
        broken.append("\(promise)\n  in \(plan.entry) to \(plan.destination):\n    \(actions)")
    }

    private static func word(_ ending: Outcome.Ending) -> String {
        if case .interrupted = ending { return "interrupted" }
        return "\(ending)"
    }
}

extension RunBeginning {
    static func example(_ plan: RunPlan, epoch: Int = 41) -> RunBeginning {
        RunBeginning(
            run: RunID("r-000041-7k3q9x"), epoch: epoch, service: "shop", stage: nil, plan: plan,
            owner: Owner(
                process: ProcessIdentity(pid: 4711, startTime: 100, bootID: "boot-1"),
                host: "ci-7", user: "ana"))
    }
}
