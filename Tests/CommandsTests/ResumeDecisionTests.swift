import Contracts
import PipelineModel
import Testing

@testable import Commands

/// The rows of the crash table: what `resume` does after the owner died at that point.
@Suite struct ResumeDecisionTests {
    private static let switchToken = Token(epoch: 41, round: 2)

    private static func next(
        _ scene: Scene, after length: Duration = .seconds(60), hasBake: Bool = true
    ) throws -> ResumeDecision.Next? {
        try ResumeDecision(
            situation: scene.situation, readyFor: .seconds(1800), hasBake: hasBake,
            now: Scene.start.advanced(by: length)
        ).next()
    }

    @Test func `nothing was begun: nothing to resume`() throws {
        #expect(try Self.next(Scene()) == nil)
    }

    @Test func `a run that only began starts again`() throws {
        let next = try #require(try Self.next(Scene([.stopRequested(.aborted)])))
        #expect(next.entry == .deploying)
        #expect(next.from == .blue && next.to == .green && next.release == Scene.release)
    }

    @Test func `a claimed, half deployed run deploys again`() throws {
        #expect(try Self.next(Scene(Scene.claimed))?.entry == .deploying)
    }

    @Test func `a sealed run asks all checks again`() throws {
        #expect(try Self.next(Scene(Scene.sealed))?.entry == .checking)
    }

    @Test func `a ready run switches while its checks are fresh`() throws {
        #expect(try Self.next(Scene(Scene.ready))?.entry == .switching)
    }

    @Test func `a ready run with stale checks asks them again`() throws {
        #expect(try Self.next(Scene(Scene.ready), after: .seconds(3600))?.entry == .checking)
    }

    @Test func `an announced switch of which nothing was written goes on`() throws {
        let next = try #require(try Self.next(Scene(Scene.switching)))
        #expect(next.entry == .switching && next.to == .green)
    }

    @Test func `an announced switch with stale checks goes back`() throws {
        let next = try #require(try Self.next(Scene(Scene.switching), after: .seconds(3600)))
        #expect(next.entry == .rollingBack && next.to == .blue)
    }

    /// Run 41 rolled back to blue and left the third router on green.
    private static func partly(_ third: Result<Observation, Failure>) -> Scene {
        var scene = Scene()
        scene.record.behind = [RouterID("lb-3"): "gone"]
        scene.seen[RouterID("lb-3")] = third
        return scene
    }

    @Test func `a router that was left out is brought level`() throws {
        let next = try #require(
            try Self.next(Self.partly(.success(Observation(effective: .color(.green))))))
        #expect(next.entry == .levelling && next.from == .blue && next.to == .blue)
        #expect(next.isIdleClaimed == false)
    }

    @Test func `a router that was left out and cannot be read yet is waited for`() {
        let gone = Failure(.routerUnreachable, "gone")
        let failure = #expect(throws: Failure.self) { try Self.next(Self.partly(.failure(gone))) }
        #expect(failure?.code == .routerUnreachable)
    }

    @Test func `levelling that was begun goes on`() throws {
        var scene = Self.partly(.success(Observation(effective: .color(.green))))
        var intent = Scene.intent(.blue, 1)
        intent.isLevelling = true
        scene.record.openIntent = intent
        let next = try #require(try Self.next(scene))
        #expect(next.entry == .levelling && next.isIdleClaimed == true)
    }

    @Test func `a switch that left one out is written again to all`() throws {
        var scene = Scene(Scene.switching, live: .green, token: Self.switchToken)
        scene.record.openIntent?.leftOut = [RouterID("lb-3"): "gone"]
        scene.seen[RouterID("lb-3")] = .success(Observation(effective: .color(.blue)))
        let next = try #require(try Self.next(scene))
        #expect(next.entry == .confirming && next.openToken == nil)
    }

    @Test func `a half written fleet goes back, whatever the checks say`() throws {
        var scene = Scene(Scene.switching)
        scene.seen[RouterID("lb-2")] = .success(
            Observation(effective: .color(.green), token: Self.switchToken))
        let next = try #require(try Self.next(scene))
        #expect(next.entry == .rollingBack && next.to == .blue)
    }

    @Test func `a written switch is only confirmed and recorded`() throws {
        let scene = Scene(Scene.switching, live: .green, token: Self.switchToken)
        let next = try #require(try Self.next(scene, after: .seconds(3600)))
        #expect(next.entry == .confirming && next.openToken == Self.switchToken)
    }

    @Test func `the right colour with another token is not our switch`() throws {
        let scene = Scene(Scene.switching, live: .green, token: Token(epoch: 39, round: 1))
        #expect(try Self.next(scene)?.entry == .rollingBack)
    }

    @Test func `routers that were written since leave nothing to resume`() {
        var scene = Scene(Scene.switching)
        scene.shows(.green, token: Token(epoch: 50, round: 1))
        #expect(throws: Failure.self) { try Self.next(scene) }
    }

    @Test func `a damaged record is not resumed`() {
        var scene = Scene(Scene.claimed)
        scene.condition = .corrupt("line 3")
        #expect(throws: Failure.self) { try Self.next(scene) }
    }

    @Test func `an undo is finished, never turned forward`() throws {
        let events = Scene.switching + [.undoIntended(Scene.intent(.blue, 3))]
        for live in Color.allCases {
            let next = try #require(try Self.next(Scene(events, live: live)))
            #expect(next.entry == .rollingBack && next.to == .blue)
        }
    }

    @Test func `a share that nobody watches is taken back, however fresh the checks`() throws {
        let token = Token(epoch: 41, round: 2)
        let events = Scene.ready + [.canaryIntended(Scene.canary(5, 2))]
        for sighting in [Observation.Sighting.color(.blue), .shared(.blue, idlePercent: 5)] {
            var scene = Scene(events)
            scene.seen[Scene.router] = .success(Observation(effective: sighting, token: token))
            let next = try #require(try Self.next(scene))
            #expect(next.entry == .rollingBack && next.to == .blue)
        }
    }

    @Test func `an orphaned bake is watched again`() throws {
        let scene = Scene(Scene.baking, live: .green, token: Self.switchToken)
        let next = try #require(try Self.next(scene))
        #expect(next.entry == .baking && next.to == .green && next.from == .blue)
    }

    @Test func `a failed verdict is acted on, so that the old colour is asked first`() throws {
        let scene = Scene(Scene.judged, live: .green, token: Self.switchToken)
        let next = try #require(try Self.next(scene))
        #expect(next.entry == .baking && next.to == .green && next.from == .blue)
        #expect(next.openVerdict?.judgement == .failed)
    }

    @Test func `a rollback that was begun is finished`() throws {
        for live in Color.allCases {
            let next = try #require(try Self.next(Scene(Scene.goingBack, live: live)))
            #expect(next.entry == .rollingBack && next.to == .blue)
        }
    }

    @Test func `a rollback that had arrived was resumed as if traffic were where it came from`()
        throws
    {
        for live in Color.allCases {
            let next = try #require(try Self.next(Scene(Scene.goingBack, live: live)))
            #expect((next.isSplit == true) == (live == next.to))
        }
        let plan = RunPlan(verb: .rollback, entry: .rollingBack, from: .blue, to: .green)
        for live in Color.allCases {
            let scene = Scene([.preflightPassed([:])], plan: plan, live: live)
            let next = try #require(try Self.next(scene))
            #expect((next.isSplit == true) == (live == next.to))
        }
    }

    @Test func `a rollback that is done has only lost its end`() throws {
        let events = Scene.goingBack + [.rolledBack(live: .blue)]
        let next = try #require(try Self.next(Scene(events)))
        #expect(next.entry == .rollingBack && next.to == .blue)
        // What somebody has changed since is not resume's to decide.
        #expect(throws: Failure.self) { try Self.next(Scene(events, live: .green)) }
    }

    @Test func `a retirement is finished`() throws {
        let plan = RunPlan(verb: .retire, entry: .retiring, from: .blue, to: .blue)
        let scene = Scene([.retireIntended(Scene.intent(.blue, 1))], plan: plan)
        #expect(try Self.next(scene)?.entry == .retiring)
    }

    @Test(arguments: [Scene.claimed, Scene.sealed, Scene.ready])
    func `what users were sent to since is not deployed to`(events: [RunEvent]) {
        for length in [Duration.seconds(60), .seconds(3600)] {
            let failure = #expect(throws: Failure.self) {
                try Self.next(Scene(events, live: .green), after: length)
            }
            #expect(failure?.code == .drift)
        }
    }

    @Test func `what users were sent away from since is not stopped, and nor is what they got`() {
        let plan = RunPlan(verb: .retire, entry: .retiring, from: .blue, to: .blue)
        for event in [
            RunEvent.preflightPassed([:]), .retireIntended(Scene.intent(.blue, 1)),
        ] {
            let failure = #expect(throws: Failure.self) {
                try Self.next(Scene([event], plan: plan, live: .green))
            }
            #expect(failure?.code == .drift)
        }
    }

    @Test func `a rollback that died before its write is finished wherever traffic is`() throws {
        let plan = RunPlan(verb: .rollback, entry: .rollingBack, from: .blue, to: .green)
        for live in Color.allCases {
            let scene = Scene([.preflightPassed([:])], plan: plan, live: live)
            let next = try #require(try Self.next(scene))
            #expect(next.entry == .rollingBack && next.to == .green)
        }
    }

    @Test func `an inconclusive bake can be watched again`() throws {
        let verdict = BakeVerdict(.inconclusive, why: "no data", samples: 0)
        let outcome = Outcome(.inconclusive, production: .proven(.green))
        let events = Scene.baking + [.bakeJudged(verdict), .ended(outcome)]
        let scene = Scene(events, live: .green, token: Self.switchToken)
        #expect(try Self.next(scene)?.entry == .baking)
    }

    @Test func `a good end leaves nothing`() throws {
        let verdict = BakeVerdict(.passed, why: "fine", samples: 9)
        let outcome = Outcome(.succeeded, production: .proven(.green))
        let events = Scene.baking + [.bakeJudged(verdict), .ended(outcome)]
        let scene = Scene(events, live: .green, token: Self.switchToken)
        #expect(try Self.next(scene) == nil)
    }

    @Test func `an unreadable router decides nothing`() {
        var scene = Scene(Scene.switching)
        scene.seen[Scene.router] = .failure(Failure(.routerUnreachable, "gone"))
        #expect(throws: Failure.self) { try Self.next(scene) }
    }

    // MARK: - Found by the model

    @Test func `a bake is not continued on the colour that a restart made live`() {
        let scene = Scene(Scene.baking, live: .blue)
        #expect(throws: Failure.self) { try Self.next(scene) }
    }

    @Test func `a failed bake never sends traffic to the release that failed`() throws {
        let next = try? Self.next(Scene(Scene.judged, live: .blue))
        #expect(next?.to != .green)
    }

    @Test func `a bad bake that was kept says nothing about a later half deployed run`() throws {
        let again = RunPlan(verb: .deploy, entry: .deploying, from: .green, to: .blue)
        let kept = Outcome(.keptUnhealthy, production: .proven(.green))
        let scene = Scene(
            Scene.judged + [
                .ended(kept), .began(Scene.beginning(again)),
                .claimIntended(Scene.intent(.green, 3)), .claimed,
            ], live: .green)
        let next = try #require(try Self.next(scene))
        #expect(next.entry == .deploying)
        #expect(next.to == .blue && next.openVerdict == nil)
    }

    @Test func `a superseded switch is not resumed over the newer writer`() {
        let outcome = Outcome(.interrupted(.superseded(by: 42)), production: .readBack(.blue))
        let scene = Scene(
            Scene.switching + [.ended(outcome)], live: .blue, token: Token(epoch: 42, round: 1))
        #expect(throws: Failure.self) { try Self.next(scene) }
    }

    @Test func `a switch that died at once asks stale checks again`() throws {
        let plan = RunPlan(verb: .switch, entry: .switching, from: .blue, to: .green)
        var scene = Scene([.preflightPassed([:])], plan: plan)
        scene.record.ready = ReadyRecord(color: .green, release: Scene.release, at: Scene.start)
        #expect(try Self.next(scene)?.entry == .switching)
        let next = try Self.next(scene, after: .seconds(86_400))
        #expect(next?.entry == .checking)
    }
}
