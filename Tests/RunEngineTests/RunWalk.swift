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

    let plan: RunPlan
    private(set) var runs = 0
    private(set) var endings: Set<String> = []
    private(set) var broken: [String] = []
    private var visited: [Place: Int] = [:]
    private var path: [RunAction] = []

    init(_ plan: RunPlan, routers count: Int = 1) {
        self.plan = plan
        for ghost in Self.starts(plan, count) {
            let machine = RunMachine(plan: plan, epoch: 41)
            runs += go(from: machine, on: .began(.example(plan)), ghost, RunTrail(plan))
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

    /// How many runs lead on from here.
    private mutating func go(
        from machine: RunMachine, on event: RunEvent, _ ghost: GhostFleet, _ trail: RunTrail
    ) -> Int {
        let place = Place(machine: machine, event: event, ghost: ghost, trail: trail)
        if let known = visited[place] { return known }
        var machine = machine
        var trail = trail
        trail.hear(event, plan)
        let action = machine.handle(event)
        path.append(action)
        defer { path.removeLast() }
        for promise in trail.promisesBroken(by: action, machine) { note(promise) }
        if machine.handle(.surveyed([:])) != action { note("evidence changed what is done") }
        trail.take(action)
        let count = path.count > 80 ? 1 : leads(from: machine, by: action, ghost, trail)
        visited[place] = count
        return count
    }

    private mutating func leads(
        from machine: RunMachine, by action: RunAction, _ ghost: GhostFleet, _ trail: RunTrail
    ) -> Int {
        if case .finish(let outcome) = action {
            endings.insert(Self.word(outcome.ending))
            for promise in trail.promisesBroken(by: outcome, ghost, plan) { note(promise) }
            return 1
        }
        var count = 0
        for ending in ghost.endings(of: action) {
            count += go(from: machine, on: ending.event, ending.ghost, trail)
            if !machine.goesOnUnrecorded, !ending.event.isStop {
                let lost = Interruption.unrecorded(GhostFleet.failure)
                count += go(from: machine, on: .stopRequested(lost), ending.ghost, trail)
            }
            let foreign = ending.ghost.changed { $0.isForeign = true }
            count += go(from: machine, on: .stopRequested(GhostFleet.newerRun), foreign, trail)
        }
        guard machine.isInterruptible else { return count }
        for wish in [Interruption.signal(15), .aborted, .timedOut] {
            count += go(from: machine, on: .stopRequested(wish), ghost, trail)
        }
        return count
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
