import Contracts
import PipelineModel
import Testing

/// What the record says when a run stops at each point where it can: blue is live, run 41 takes green.
struct RecordReplayTests {
    @Test func `C0 nothing written leaves everything unknown`() {
        #expect(Record(replaying: [JournalEntry]()) == Record())
    }

    @Test func `C1 a run that only began has claimed nothing`() {
        let record = after([])
        #expect(record.epoch == 41)
        #expect(record.run?.phase == .starting)
        #expect(record.wayBack == .green)
        #expect(record.spoiled == nil)
    }

    @Test func `C2 a claim consumes the way back and the child is known`() {
        let record = after([.claimIntended(claim), .claimed, .stepSpawned(step, child)])
        #expect(record.wayBack == nil)
        #expect(record.spoiled == .green)
        #expect(record.releases[.green] == release)
        #expect(record.run?.children == [child])
        #expect(record.run?.phase == .deploying)
        #expect(record.openIntent == nil)
        #expect(record.recipes == [recipe])
    }

    @Test func `C2 a claim that no router took leaves the way back`() {
        let outcome = Outcome(
            .failedBeforeSwitch, production: .untouched(.blue), failure: Self.failure)
        let refused = after([.claimIntended(claim), .failed(Self.failure), .ended(outcome)])
        let unclaimed = after([.failed(Self.failure), .ended(outcome)])
        #expect(refused.wayBack == .green)
        #expect(refused == unclaimed)
    }

    @Test(arguments: [
        RunEvent.written([RouterID("lb-1"): .unknown(failure)]), .contradicted(failure),
        .unreadable(failure), .claimed, .stepBegan(StepMark(.deploy, 0, "up")),
    ])
    func `C2 a claim that a router may have taken consumes the way back`(event: RunEvent) {
        let outcome = Outcome(.failedBeforeSwitch, production: .untouched(.blue))
        let record = after([.claimIntended(claim), event, .ended(outcome)])
        #expect(record.wayBack == nil)
        #expect(record.spoiled == .green)
    }

    @Test func `C3 a step that ended leaves no child but a spoiled colour`() {
        let record = after(deploying.dropLast())
        #expect(record.run?.children == [])
        #expect(record.spoiled == .green)
    }

    @Test func `a step that nobody saw ending outlives the record of its run`() {
        let stopped = deploying.dropLast(2) + [.began(beginning(42))]
        #expect(after(stopped).strays == [child])
        #expect(after(stopped + [.began(beginning(43))]).strays == [child])
        #expect(after(stopped + [.stepSpawned(step, child)]).strays == nil)
        let outcome = Outcome(.failedBeforeSwitch, production: .untouched(.blue))
        let ended = stopped.dropLast() + [.ended(outcome), .began(beginning(42))]
        #expect(after(ended).strays == nil)
    }

    @Test func `C4 a check that ended does not hide the child of another`() {
        let suite = StepMark(.check, 1, "suite")
        let record = after(
            deploying + [
                .stepSpawned(suite, child),
                .stepEnded(StepMark(.check, 0, "healthy"), .skipped(reason: "known")),
            ])
        #expect(record.run?.children == [child])
    }

    @Test func `C4 a sealed release heals its colour`() {
        let record = after(deploying)
        #expect(record.spoiled == nil)
        #expect(record.releases[.green] == release)
        #expect(record.run?.phase == .checking)
        #expect(record.ready == nil)
    }

    @Test func `C5 passed checks make the release ready`() {
        let record = after(ready)
        #expect(record.ready?.color == .green)
        #expect(record.ready?.release == release)
        #expect(record.run?.phase == .ready)
    }

    @Test func `what a switch leaves out is behind until it is written again`() {
        let (second, third) = (RouterID("lb-2"), RouterID("lb-3"))
        var intent = Intent(
            datum: Datum(live: .green, token: Token(epoch: 41, round: 2)), from: .blue,
            recipes: [second, third].map { Recipe(router: $0, kind: "haproxy", settings: "{}") },
            leftOut: [third: "gone"])
        let switched = ready + [.switchIntended(intent), .switched(live: .green, previous: .blue)]
        #expect(after(switched).behind == [third: "gone"])
        (intent.leftOut, intent.isLevelling) = (nil, true)
        let level = switched + [.levelIntended(intent)]
        #expect(after(level).openIntent == intent)
        #expect(after(level).behind == [third: "gone"])
        let levelled = after(level + [.levelled])
        #expect(levelled.behind == nil)
        #expect(levelled.openIntent == nil)
        #expect(levelled.wayBack == .blue)
    }

    @Test func `a second try that leaves out what the first may have written does not lose it`() {
        let (second, third) = (RouterID("lb-2"), RouterID("lb-3"))
        let first = forward
        var again = forward
        again.leftOut = [third: "gone"]
        let undone: [RunEvent] = [.undoIntended(again), .undone]
        let tries: [RunEvent] = [.switchIntended(first), .switchIntended(again)]
        #expect(after(ready + tries + undone).behind == [third: "gone"])
        // It was in neither try, or only in one that never began: it shows what it showed.
        #expect(after(ready + tries.suffix(1) + undone).behind == nil)
        again.leftOut = [second: "gone", third: "gone"]
        let left: [RunEvent] = [.switchIntended(again), .switchIntended(again)]
        #expect(after(ready + left + undone).behind == nil)
    }

    @Test func `C6 an intent is open and traffic has not moved`() {
        let record = after(ready + [.switchIntended(forward)])
        #expect(record.openIntent == forward)
        #expect(record.live?.color == .blue)
        #expect(record.run?.phase == .switching)
        #expect(record.entrance == forward.entrance)
    }

    @Test(arguments: [
        RunEvent.written([RouterID("lb-1"): .applied]),
        .written([RouterID("lb-1"): .unknown(failure)]),
        .confirmed([RouterID("lb-1"): Observation(effective: .color(.green))]),
        .unreadable(failure), .contradicted(failure),
    ])
    func `C7 to C9 nothing that a router says closes an intent`(event: RunEvent) {
        let record = after(ready + [.switchIntended(forward), event])
        #expect(record.openIntent == forward)
        #expect(record.live?.color == .blue)
    }

    @Test func `C9 what could not be verified stays open and is called unsettled`() {
        let record = after(ready + [.switchIntended(forward), .unsettled(Self.failure)])
        #expect(record.openIntent == forward)
        #expect(record.run?.phase == .unsettled)
    }

    @Test func `C10 an undo is the open intent until it is done`() {
        let undo = intent(.blue, round: 2)
        let record = after(ready + [.switchIntended(forward), .undoIntended(undo)])
        #expect(record.openIntent == undo)
        #expect(record.run?.phase == .undoing)
        let done = after(ready + [.switchIntended(forward), .undoIntended(undo), .undone])
        #expect(done.openIntent == nil)
        #expect(done.live?.color == .blue)
        #expect(done.ready == nil)
    }

    @Test func `C10 a recorded switch that a later run undoes is not live any more`() {
        let undo = intent(.blue, round: 3, isIdleClaimed: true)
        let record = after(
            switched + [.began(beginning(42)), .undoIntended(undo), .written([:]), .undone])
        #expect(record.live?.color == .blue)
        #expect(record.live?.token == undo.datum.token)
        #expect(record.wayBack == nil)
        #expect(record.openIntent == nil)
    }

    @Test func `C11 a switch that is done makes the old colour the way back`() {
        let record = after(switched)
        #expect(record.live?.color == .green)
        #expect(record.live?.token == forward.datum.token)
        #expect(record.live?.user == "ana")
        #expect(record.wayBack == .blue)
        #expect(record.openIntent == nil)
        #expect(record.ready == nil)
    }

    @Test func `C11 a bake without a verdict stays open`() {
        let record = after(switched + [.bakeBegan(.seconds(600))])
        #expect(record.bake?.length == .seconds(600))
        #expect(record.bake?.verdict == nil)
        #expect(record.run?.phase == .baking)
    }

    @Test func `C11 a switch owes the bake of its plan until that bake begins`() {
        var owing = beginning(42)
        owing.plan.hasBake = true
        let switched =
            ready + [
                .began(owing), .switchIntended(forward), .switched(live: .green, previous: .blue),
            ]
        let record = after(switched)
        #expect(record.bake?.run == RunID("r-42"))
        #expect(record.bake?.hasBegun == false)
        #expect(record.run?.phase == .switched)
        let begun = after(switched + [.bakeBegan(.seconds(600))])
        #expect(begun.bake?.hasBegun == true)
        let adopted = Color.allCases.map { color in
            let adoption = Adoption(live: color, token: nil, why: "by hand")
            return after(switched + [.began(beginning(43)), .adopted(adoption)]).bake
        }
        #expect(adopted == [nil, record.bake])
        owing.plan.destination = .switched
        let left = after(
            ready + [
                .began(owing), .switchIntended(forward),
                .switched(live: .green, previous: .blue),
            ])
        #expect(left.bake == nil)
    }

    @Test func `C12 a failed verdict moves no traffic`() {
        let verdict = BakeVerdict(.failed, why: "errors 12% (< 1%)", samples: 300)
        let record = after(switched + [.bakeBegan(.seconds(600)), .bakeJudged(verdict)])
        #expect(record.bake?.verdict == verdict)
        #expect(record.run?.phase == .judged)
        #expect(record.live?.color == .green)
    }

    @Test(arguments: [BakeVerdict.Judgement.failed, .inconclusive, .passed])
    func `only a bake that passes makes a release good that failed before`(
        next: BakeVerdict.Judgement
    ) {
        let verdicts = [BakeVerdict.Judgement.failed, next].map {
            RunEvent.bakeJudged(BakeVerdict($0, why: "", samples: 300))
        }
        let record = after(switched + [.bakeBegan(.seconds(600))] + verdicts)
        #expect(record.failedBake == (next == .passed ? nil : .green))
    }

    @Test func `C13 and C14 a rollback is open until it is verified`() {
        let record = after(switched + [.rollbackIntended(back), .written([:])])
        #expect(record.openIntent == back)
        #expect(record.live?.color == .green)
        #expect(record.run?.phase == .rollingBack)
    }

    @Test func `C15 a rollback that is done leaves no way back and no bake`() {
        let bake = RunEvent.bakeBegan(.seconds(600))
        let record = after(switched + [bake, .rollbackIntended(back), .rolledBack(live: .blue)])
        #expect(record.live?.color == .blue)
        #expect(record.live?.token == back.datum.token)
        #expect(record.wayBack == nil)
        #expect(record.openIntent == nil)
        #expect(record.bake == nil)
        #expect(record.run?.outcome == nil)
    }

    @Test func `C16 the intent to retire consumes the way back`() {
        let retire = RunEvent.retireIntended(intent(.green, round: 3, isIdleClaimed: true))
        let record = after(switched + [retire])
        #expect(record.wayBack == nil)
        #expect(record.retired == nil)
        #expect(record.run?.phase == .retiring)
        #expect(after(switched + [retire, .retired(.blue)]).retired == .blue)
    }

    @Test func `C17 a run that takes over leaves what was open open`() {
        let before = ready + [.switchIntended(forward)]
        let record = after(before + [.began(beginning(42))])
        #expect(record.epoch == 42)
        #expect(record.run?.beginning.epoch == 42)
        #expect(record.run?.phase == .starting)
        #expect(record.openIntent == forward)
    }

    @Test func `an adopted colour is live and closes what was open`() {
        let adoption = Adoption(live: .green, token: Token(number: 9), why: "by hand")
        let record = after(ready + [.switchIntended(forward), .adopted(adoption)])
        #expect(record.live?.color == .green)
        #expect(record.live?.token == Token(number: 9))
        #expect(record.openIntent == nil)
        #expect(record.wayBack == .blue)
        #expect(record.ready == nil)
    }

    /// A canary was killed, and the way back from it ended without a proof: then `switch` asked nothing.
    @Test func `what traffic was to go back from is not ready any more`() {
        let back = intent(.blue, round: 3, isIdleClaimed: true)
        let home = Adoption(live: .blue, token: Token(number: 9), why: "by hand")
        for way in [RunEvent.undoIntended(back), .rollbackIntended(back)] {
            #expect(after(ready + [.switchIntended(forward), way, .adopted(home)]).ready == nil)
        }
    }

    @Test func `what was never left, or is half deployed, is no way back from what is adopted`() {
        let home = Adoption(live: .blue, token: Token(number: 9), why: "by hand")
        #expect(after(ready + [.switchIntended(forward), .adopted(home)]).wayBack == nil)
        let hasty = RunEvent.rollbackIntended(intent(.green, round: 2, isIdleClaimed: true))
        let half = after([.claimIntended(claim), .claimed, hasty, .adopted(home)])
        #expect(half.wayBack == nil && half.spoiled == .green)
    }

    @Test func `the end of a run keeps its outcome and what it made live`() {
        let outcome = Outcome(.succeeded, production: .proven(.green))
        let record = after(switched + [.ended(outcome)])
        #expect(record.run?.outcome == outcome)
        #expect(record.run?.ended == WallTime(milliseconds: 41_000))
        #expect(record.run?.phase == .ended)
        #expect(record.live?.color == .green)
    }

    @Test func `a record replayed in two halves is the record replayed at once`() {
        let entries = history(switched + [.bakeBegan(.seconds(600))])
        for middle in entries.indices {
            var record = Record(replaying: entries[..<middle])
            for entry in entries[middle...] { record.apply(entry) }
            #expect(record == Record(replaying: entries))
        }
    }

    // MARK: The story

    /// Blue was switched to in run 40, so green is the way back when run 41 begins.
    private func after(_ events: some Sequence<RunEvent>) -> Record {
        Record(replaying: history(Array(events)))
    }

    private func history(_ events: [RunEvent]) -> [JournalEntry] {
        let earlier: [RunEvent] = [
            .began(beginning(40)), .switchIntended(intent(.blue, round: 1)),
            .switched(live: .blue, previous: .green),
            .ended(Outcome(.succeeded, production: .proven(.blue))),
        ]
        let entries = earlier.map { (40, $0) } + ([.began(beginning(41))] + events).map { (41, $0) }
        return entries.enumerated().map { index, entry in
            var epoch = entry.0
            if case .began(let beginning) = entry.1 { epoch = beginning.epoch }
            return JournalEntry(
                number: index + 1, time: WallTime(milliseconds: Int64(epoch) * 1000),
                uptime: .seconds(index), epoch: epoch, event: entry.1)
        }
    }

    private var deploying: [RunEvent] {
        [
            .claimIntended(claim), .claimed, .stepBegan(step), .stepSpawned(step, child),
            .stepEnded(step, .succeeded(evidence: "exit 0", elapsed: .seconds(1))),
            .sealed(release),
        ]
    }

    private var ready: [RunEvent] { deploying + [.checksPassed] }
    private var switched: [RunEvent] {
        ready + [.switchIntended(forward), .switched(live: .green, previous: .blue)]
    }

    private var claim: Intent { intent(.blue, round: 1, isIdleClaimed: true) }
    private var forward: Intent { intent(.green, round: 2) }
    private var back: Intent { intent(.blue, round: 3) }

    private let release = Release(version: "2.8.0")
    private let step = StepMark(.deploy, 0, "compose")
    private let child = ProcessIdentity(pid: 4800, startTime: 1, bootID: "boot")
    private let recipe = Recipe(router: RouterID("lb-1"), kind: "haproxy", settings: "{}")
    private static let failure = Failure(.routerUnreachable, "no answer")

    private func intent(_ live: Color, round: Int, isIdleClaimed: Bool = false) -> Intent {
        Intent(
            datum: Datum(
                live: live, isIdleClaimed: isIdleClaimed, token: Token(epoch: 41, round: round)),
            from: live.other, recipes: [recipe], release: release)
    }

    private func beginning(_ epoch: Int) -> RunBeginning {
        RunBeginning(
            run: RunID("r-\(epoch)"), epoch: epoch, service: "shop", stage: nil,
            plan: RunPlan(
                verb: .deploy, entry: .deploying, from: .blue, to: epoch == 40 ? .blue : .green),
            owner: Owner(process: child, host: "ci-7", user: "ana"))
    }
}
