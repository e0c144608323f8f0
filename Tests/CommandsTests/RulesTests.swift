import Contracts
import PipelineModel
import Testing

@testable import Commands

/// What may begin in which situation.
@Suite struct RulesTests {
    private static let now = Scene.start.advanced(by: .seconds(60))

    private static func forward(
        _ scene: Scene, adopts: Bool = false, consumesWayBack: Bool = false
    ) throws(Failure) -> Color {
        try ForwardRules(
            situation: scene.situation, adopts: adopts, consumesWayBack: consumesWayBack, now: now
        ).judge()
    }

    private static func refusal(
        _ scene: Scene, adopts: Bool = false, consumesWayBack: Bool = false
    ) -> Failure.Code? {
        do throws(Failure) {
            _ = try forward(scene, adopts: adopts, consumesWayBack: consumesWayBack)
            return nil
        } catch {
            return error.code
        }
    }

    // MARK: - Forward

    @Test func `a calm situation lets a deploy begin`() throws {
        #expect(try Self.forward(Scene()) == .blue)
    }

    @Test func `a living run holds the service`() {
        var scene = Scene(Scene.claimed)
        scene.isAlive = true
        #expect(Self.refusal(scene, adopts: true) == .lockHeld)
    }

    @Test func `a dead run may be replaced while traffic has not moved`() {
        #expect(Self.refusal(Scene(Scene.ready)) == nil)
    }

    @Test func `a dead run that moved traffic must be finished first`() {
        #expect(Self.refusal(Scene(Scene.switching), adopts: true) == .drift)
    }

    @Test func `a run that ended without knowing where traffic is must be finished first`() {
        let lost = Outcome(.unsettled, production: .unknown)
        let scene = Scene(Scene.switching + [.unsettled(Failure(.notProven, "?")), .ended(lost)])
        #expect(Self.refusal(scene, adopts: true) == .drift)
    }

    @Test func `an orphaned bake keeps its way back, unless it is given up by name`() {
        let scene = Scene(Scene.baking, live: .green, token: Token(epoch: 41, round: 2))
        #expect(Self.refusal(scene, adopts: true) == .wayBackConsumed)
        #expect(Self.refusal(scene, consumesWayBack: true) == nil)
    }

    @Test(arguments: [(1, ", or go back: 'bluegreen rollback'."), (0, ".")])
    func `beside an orphaned bake a way back is named where there is one`(
        serversUp: Int, ending: String
    ) {
        var scene = Scene(Scene.baking)
        scene.shows(
            .green, token: Token(epoch: 41, round: 2),
            pools: [.blue: Pool(serversUp: serversUp, serversInAll: 1)])
        let failure = #expect(throws: Failure.self) { try Self.forward(scene) }
        #expect(failure?.hint == "Finish it with 'bluegreen resume'" + ending)
    }

    @Test func `a router that was switched by hand is drift, unless it is adopted`() throws {
        let scene = Scene(live: .green)
        #expect(Self.refusal(scene) == .drift)
        #expect(try Self.forward(scene, adopts: true) == .green)
    }

    @Test func `a token of a foreign writer is drift`() {
        var scene = Scene()
        scene.shows(.blue, token: Token(epoch: 99, round: 1))
        #expect(Self.refusal(scene) == .drift)
    }

    @Test func `routers that disagree are refused even with --adopt`() {
        var scene = Scene()
        scene.seen[RouterID("lb-2")] = .success(Observation(effective: .color(.green)))
        #expect(Self.refusal(scene, adopts: true) == .drift)
    }

    @Test(arguments: [
        (Observation.Sighting.foreign("canary"), Failure.Code.drift),
        (.absent, .routerTargetMissing),
    ])
    func `a router that shows no colour is refused`(
        sighting: Observation.Sighting, code: Failure.Code
    ) {
        var scene = Scene()
        scene.seen[Scene.router] = .success(Observation(effective: sighting))
        #expect(Self.refusal(scene, adopts: true) == code)
    }

    @Test(arguments: [
        StoredRecord.Condition.corrupt("line 3"), .tooNew("format 9"),
    ])
    func `a damaged or newer record is not built upon`(condition: StoredRecord.Condition) {
        var scene = Scene()
        scene.condition = condition
        #expect(Self.refusal(scene) == .recordCorrupt)
    }

    @Test func `a torn tail is no obstacle`() {
        var scene = Scene()
        scene.condition = .torn("half a line")
        #expect(Self.refusal(scene) == nil)
    }

    @Test func `the first run of a service needs no --adopt`() {
        var scene = Scene()
        (scene.record, scene.condition) = (Record(), .absent)
        scene.shows(.blue, token: Token(number: 0))
        #expect(Self.refusal(scene) == nil)
        scene.shows(.blue, token: Token(epoch: 7, round: 1))
        #expect(Self.refusal(scene) == .drift)
    }

    // MARK: - Rollback

    private static func rollback(_ scene: Scene, to target: Color) -> Failure? {
        do throws(Failure) {
            try RollbackRules(situation: scene.situation, target: target).judge()
            return nil
        } catch {
            return error
        }
    }

    @Test func `the way back is open`() {
        #expect(Self.rollback(Scene(), to: .green) == nil)
    }

    @Test func `a half deployed environment is no way back`() {
        #expect(Self.rollback(Scene(Scene.claimed), to: .green)?.code == .nothingToRollBackTo)
    }

    @Test func `a retired environment is no way back`() {
        var scene = Scene()
        scene.record.retired = .green
        #expect(Self.rollback(scene, to: .green)?.code == .nothingToRollBackTo)
    }

    @Test func `a claim that only the router knows is believed`() {
        var scene = Scene()
        scene.record.wayBack = nil
        scene.shows(.blue, token: nil, isIdleClaimed: true)
        #expect(Self.rollback(scene, to: .green)?.code == .nothingToRollBackTo)
    }

    @Test func `an environment without servers is no way back`() {
        var scene = Scene()
        scene.shows(
            .blue, token: nil, pools: [.green: Pool(serversUp: 0, serversInAll: 2)])
        #expect(Self.rollback(scene, to: .green)?.code == .nothingToRollBackTo)
    }

    @Test func `an open intent may always be taken back`() {
        #expect(Self.rollback(Scene(Scene.switching, live: .green), to: .blue) == nil)
    }

    @Test func `a claim of a newer writer is believed beside an open intent`() {
        var scene = Scene(Scene.switching)
        scene.shows(.green, token: Token(epoch: 42, round: 1), isIdleClaimed: true)
        #expect(Self.rollback(scene, to: .blue)?.code == .nothingToRollBackTo)
    }

    // MARK: - Retire

    private static func retire(_ scene: Scene, isForced: Bool, after age: Duration) -> Failure? {
        do throws(Failure) {
            try RetireRules(
                situation: scene.situation, live: .blue, after: .seconds(3600),
                isForced: isForced, liveFor: age
            ).judge()
            return nil
        } catch {
            return error
        }
    }

    @Test func `the way back is kept until retire.after`() {
        #expect(Self.retire(Scene(), isForced: false, after: .seconds(3599))?.code == .refused)
        #expect(Self.retire(Scene(), isForced: false, after: .seconds(3600)) == nil)
        #expect(Self.retire(Scene(), isForced: true, after: .zero) == nil)
    }

    @Test func `requests under way are not cut`() {
        var scene = Scene()
        scene.shows(
            .blue, token: nil,
            pools: [.green: Pool(serversUp: 2, serversInAll: 2, inFlight: 1)])
        #expect(Self.retire(scene, isForced: false, after: .seconds(9999))?.code == .refused)
        #expect(Self.retire(scene, isForced: true, after: .zero) == nil)
    }

    @Test func `what a reload would bring back is never retired`() {
        var scene = Scene()
        scene.shows(.blue, token: nil, durable: .differs(.color(.green)))
        #expect(Self.retire(scene, isForced: true, after: .seconds(9999))?.code == .drift)
    }
}
