import Contracts
import PipelineModel
import Synchronization
import TestWorld
import Testing

@testable import RunEngine

/// Runs played against routers that misbehave.
@Suite(.timeLimit(.minutes(10)))
struct RunnerWriteTests {
    let stage = Stage()

    @Test(arguments: [FakeRouter.Mood.unknownButApplied, .unknownAndLate, .notDurable])
    func `a write that turns out to be applied goes on`(_ mood: FakeRouter.Mood) async {
        stage.router.expect(mood)
        let outcome = await stage.play(.switching())
        #expect(outcome == Outcome(.succeeded, production: .proven(.green)))
        #expect(stage.router.writes.count == 1)
    }

    @Test(arguments: [Color.green, .blue])
    func `idle is left alone while a restart would make it live`(_ remembered: Color) async {
        stage.router.expect(.notDurable)
        stage.router.show { $0.durable = .differs(.color(remembered)) }
        var equipment = stage.equipment()
        let isDeployed = Flag()
        equipment.addStep { _ throws(Failure) in
            isDeployed.raise()
            return "done"
        }
        let outcome = await stage.play(stage.journal(.deploy(steps: ["up"])), equipment)
        #expect(isDeployed.isRaised == (remembered == .blue))
        #expect(outcome.production.color == (remembered == .blue ? .green : .blue))
    }

    @Test func `idle is left alone while a restart would make it live, answered or not`() async {
        stage.router.expect(.unknownButApplied)
        stage.router.show { $0.durable = .differs(.color(.green)) }
        var equipment = stage.equipment()
        let isDeployed = Flag()
        equipment.addStep { _ throws(Failure) in
            isDeployed.raise()
            return "done"
        }
        _ = await stage.play(stage.journal(.deploy(steps: ["up"])), equipment)
        #expect(!isDeployed.isRaised)
    }

    @Test func `a write that was lost is undone, not repeated blindly`() async {
        stage.router.expect(.unknownAndLost)
        let outcome = await stage.play(.switching())
        #expect(outcome.ending == .undone)
        #expect(outcome.production == .proven(.blue))
        #expect(stage.router.writes.map(\.live) == [.green, .blue])
    }

    @Test func `a refused write needs no undo, only proof that traffic stayed`() async {
        stage.router.expect(.notApplied)
        let outcome = await stage.play(.switching())
        #expect(outcome.ending == .undone)
        #expect(outcome.production == .proven(.blue))
        #expect(stage.router.writes.count == 1)
    }

    @Test func `an undo that fails too leaves the run unsettled`() async {
        stage.router.expect(.unknownButApplied, .notApplied)
        let journal = stage.journal(.switching()) { event in
            if case .switchIntended = event { self.stage.pretend(.blue) }
            return false
        }
        let outcome = await stage.play(journal, stage.equipment())
        #expect(outcome.ending == .unsettled)
        #expect(outcome.production == .unknown)
        #expect(stage.router.live == .green)
        #expect(journal.events.map(FakeJournal.word).suffix(2) == ["unsettled", "ended"])
    }

    @Test(arguments: [FakeRouter.Voice.unreachable, .garbled])
    func `a router that falls silent after the write leaves the run unsettled`(
        _ voice: FakeRouter.Voice
    ) async {
        let journal = stage.journal(.switching()) { event in
            if case .written = event { self.stage.router.speak(voice) }
            return false
        }
        let outcome = await stage.play(journal, stage.equipment())
        #expect(outcome.ending == .unsettled)
        #expect(outcome.production == .unknown)
    }

    @Test func `a router that holds a newer token ends the run and is read back`() async {
        let journal = stage.journal(.switching()) { event in
            guard case .switchIntended = event else { return false }
            self.stage.router.show { $0.token = Token(epoch: 50, round: 1) }
            return false
        }
        let outcome = await stage.play(journal, stage.equipment())
        #expect(outcome.ending == .interrupted(.superseded(by: 50)))
        #expect(outcome.production == .readBack(.blue))
    }

    @Test func `a token router without its token has not confirmed anything`() async {
        let router = FakeRouter(live: .blue, token: nil, fencing: .token)
        var equipment = stage.equipment()
        equipment.routers = [RouterID("haproxy"): router]
        let journal = stage.journal(.switching(isProvenByProbes: false)) { event in
            if case .written = event { router.show { $0.token = nil } }
            return false
        }
        let outcome = await stage.play(journal, equipment)
        #expect(outcome.ending == .unsettled)
    }

    @Test func `one router of a fleet that refuses brings all of them back`() async {
        let stage = Stage(fleet: 2)
        stage.routers[RouterID("lb-2")]?.expect(.notApplied)
        let outcome = await stage.play(.switching())
        #expect(outcome.ending == .undone)
        #expect(stage.routers.values.allSatisfy { $0.live == .blue })
    }

    @Test func `a retirement does not move traffic that somebody else has moved`() async {
        let plan = RunPlan(
            verb: .retire, entry: .retiring, from: .green, to: .green, isProvenByProbes: false)
        let outcome = await stage.play(plan)
        #expect(outcome.failure?.code == .drift)
        #expect(stage.router.writes.isEmpty)
    }

    @Test func `a retirement marks idle as no way back and leaves traffic alone`() async {
        let plan = RunPlan(
            verb: .retire, entry: .retiring, from: .blue, to: .blue, isProvenByProbes: false)
        let outcome = await stage.play(plan)
        #expect(outcome == Outcome(.succeeded, production: .untouched(.blue)))
        #expect(stage.router.writes.map(\.isIdleClaimed) == [true])
    }

    @Test func `adopting writes down what is so and touches nothing`() async {
        let plan = RunPlan(
            verb: .adopt, entry: .adopting, from: .blue, to: .blue, isProvenByProbes: false)
        let journal = stage.journal(plan)
        let outcome = await stage.play(
            journal, stage.equipment(),
            adopting: Adoption(live: .blue, token: nil, why: "first run"))
        #expect(outcome == Outcome(.succeeded, production: .untouched(.blue)))
        #expect(journal.events.map(FakeJournal.word) == ["adopted", "ended"])
        #expect(stage.router.writes.isEmpty)
    }

    @Test func `an open switch that the routers show is confirmed without another write`() async {
        let stage = Stage(live: .green, token: Token(epoch: 40, round: 2))
        let outcome = await stage.play(Self.confirming)
        #expect(outcome == Outcome(.succeeded, production: .proven(.green)))
        #expect(stage.router.writes.isEmpty)
    }

    @Test func `an open switch that a restart would forget is written again`() async {
        let stage = Stage(live: .green, token: Token(epoch: 40, round: 2))
        var plan = Self.confirming
        plan.openToken = nil
        let outcome = await stage.play(plan)
        #expect(outcome == Outcome(.succeeded, production: .proven(.green)))
        #expect(stage.router.writes.map(\.live) == [.green])
    }

    @Test func `an open switch that the routers do not show is undone`() async {
        let stage = Stage(live: .blue, token: Token(epoch: 40, round: 1))
        let outcome = await stage.play(Self.confirming)
        #expect(outcome.ending == .undone)
        #expect(stage.router.writes.map(\.token) == [Token(epoch: 41, round: 1)])
    }

    private static let confirming = RunPlan(
        verb: .resume, entry: .confirming, from: .blue, to: .green,
        openToken: Token(epoch: 40, round: 2))
}

private final class Flag: Sendable {
    private let state = Mutex(false)

    func raise() { state.withLock { $0 = true } }

    var isRaised: Bool { state.withLock { $0 } }
}
