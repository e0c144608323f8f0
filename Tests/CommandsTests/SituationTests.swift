import Contracts
import PipelineModel
import Testing

@testable import Commands

/// Who is live, and what does not agree.
@Suite struct SituationTests {
    @Test func `live is what all routers show`() {
        #expect(Scene().situation.live == .color(.blue))
        #expect(Scene().situation.drift.isEmpty)
    }

    @Test func `one unreadable router makes live unknown`() {
        var scene = Scene()
        scene.seen[RouterID("lb-2")] = .failure(Failure(.routerUnreachable, "gone"))
        #expect(
            scene.situation.live == .unreadable(Failure(.routerUnreachable, "lb-2: gone")))
        #expect(scene.situation.liveColor == nil)
    }

    @Test func `routers that disagree are split`() {
        var scene = Scene()
        scene.seen[RouterID("lb-2")] = .success(Observation(effective: .color(.green)))
        let sightings: [RouterID: Observation.Sighting] = [
            Scene.router: .color(.blue), RouterID("lb-2"): .color(.green),
        ]
        #expect(scene.situation.live == .split(sightings))
        #expect(scene.situation.drift == [.split(sightings)])
    }

    /// Blue is live on the first two; the third was left out, or cannot be read.
    private static func fleet(
        third: Result<Observation, Failure>, leftOut: Bool = true,
        _ requirement: FleetRequirement = .quorum(2)
    ) -> Scene {
        var scene = Scene()
        scene.requirement = requirement
        scene.seen[RouterID("lb-2")] = .success(Observation(effective: .color(.blue)))
        scene.seen[RouterID("lb-3")] = third
        if leftOut { scene.record.behind = [RouterID("lb-3"): "gone"] }
        return scene
    }

    private static let gone = Result<Observation, Failure>.failure(
        Failure(.routerUnreachable, "gone"))
    private static let green = Result<Observation, Failure>.success(
        Observation(effective: .color(.green)))

    @Test func `a quorum says what is live, a router left out does not`() {
        #expect(Self.fleet(third: Self.gone).situation.liveColor == .blue)
        #expect(Self.fleet(third: Self.green).situation.liveColor == .blue)
        #expect(Self.fleet(third: Self.gone, leftOut: false).situation.liveColor == .blue)
    }

    @Test func `a router that differs for no known reason makes live unknown, quorum or not`() {
        let situation = Self.fleet(third: Self.green, leftOut: false).situation
        #expect(situation.liveColor == nil)
        #expect(situation.drift.contains { $0.isSplit })
    }

    @Test func `a minority is never live`() {
        var scene = Self.fleet(third: Self.gone)
        scene.seen[RouterID("lb-2")] = Self.gone
        #expect(scene.situation.liveColor == nil)
        #expect(scene.situation.shortage?.message == "lb-2: gone")
    }

    @Test func `without a quorum one that was left out makes live unknown, and is explained`() {
        let situation = Self.fleet(third: Self.green, .all).situation
        #expect(situation.liveColor == nil)
        #expect(situation.drift == [.leftOut(RouterID("lb-3"), .color(.green))])
    }

    @Test func `one that was left out and shows what is live is level`() {
        let situation = Self.fleet(third: .success(Observation(effective: .color(.blue)))).situation
        #expect(situation.drift.isEmpty)
    }

    @Test func `a switch by hand differs from the record`() {
        #expect(
            Scene(live: .green).situation.drift
                == [.recordDiffers(record: .blue, routers: .green)])
    }

    @Test func `a value that a reload would forget is drift`() {
        var scene = Scene()
        scene.shows(.blue, token: nil, durable: .differs(.color(.green)))
        #expect(scene.situation.drift == [.notDurable(Scene.router, .color(.green))])
    }

    @Test func `what is kept in memory is not advised to be written once more`() {
        var scene = Scene()
        scene.shows(.blue, token: nil, durable: .differs(.absent))
        var situation = scene.situation
        let drift = Drift.notDurable(Scene.router, .absent)
        #expect(situation.drift == [drift])
        #expect(situation.mend(drift) { _ in true } == "bluegreen adopt")
        situation.inMemory = [Scene.router: "/dev/shm/shop"]
        let mend = situation.mend(drift) { _ in true }
        #expect(mend.contains("what is in /dev/shm/shop to a disk"))
        #expect(!mend.contains("adopt"))
    }

    @Test func `a token that a reload would forget is drift, unless its run is still open`() {
        var scene = Scene()
        scene.shows(.blue, token: nil, durable: .differs(.color(.blue)))
        #expect(scene.situation.drift == [.markNotDurable(Scene.router)])
        scene.record = Scene(Scene.claimed).record
        #expect(scene.situation.drift.isEmpty)
    }

    @Test func `a token above the record is a foreign writer, or a lost record`() {
        let token = Token(epoch: 99, round: 1)
        var scene = Scene()
        scene.shows(.blue, token: token)
        #expect(scene.situation.drift == [.foreignWriter(token, epoch: 40)])
        (scene.record, scene.condition) = (Record(), .absent)
        #expect(scene.situation.drift == [.recordMissing(token)])
    }

    @Test func `an open intent is drift once nobody works on it`() {
        var scene = Scene(Scene.switching)
        #expect(scene.situation.drift == [.openIntent(Scene.intent(.green, 2))])
        scene.isAlive = true
        #expect(scene.situation.drift.isEmpty)
    }

    @Test func `damage is drift, a torn tail is not`() {
        var scene = Scene()
        scene.condition = .corrupt("line 3")
        #expect(scene.situation.drift == [.recordDamaged("line 3")])
        scene.condition = .torn("half a line")
        #expect(scene.situation.drift.isEmpty)
    }

    @Test func `a bake is watched while its run lives`() throws {
        var scene = Scene(Scene.baking, live: .green, token: Token(epoch: 41, round: 2))
        let bake = try #require(scene.record.bake)
        #expect(scene.situation.bake == .orphaned(bake))
        scene.isAlive = true
        #expect(scene.situation.bake == .watched(bake))
    }

    @Test func `the first run of a service has neither record nor token`() {
        var scene = Scene()
        #expect(!scene.situation.isFirst)
        (scene.record, scene.condition) = (Record(), .absent)
        scene.shows(.blue, token: Token(number: 0))
        #expect(scene.situation.isFirst)
        scene.shows(.blue, token: Token(epoch: 1, round: 1))
        #expect(!scene.situation.isFirst)
    }

    @Test(arguments: [
        Drift.recordDiffers(record: .blue, routers: .green), .split([Scene.router: .absent]),
        .leftOut(Scene.router, nil), .leftOut(Scene.router, .color(.green)),
        .foreignValue("x"), .valueAbsent, .foreignWriter(Token(number: 64), epoch: 0),
        .notDurable(Scene.router, .absent), .openIntent(Scene.intent(.green, 1)),
        .recordMissing(Token(number: 64)), .recordDamaged("x"), .recordTooNew("x"),
    ])
    func `every drift has words and one command`(drift: Drift) {
        #expect(StatusWords.drift(drift).count > 20)
        #expect(StatusWords.mend(drift).hasPrefix("bluegreen "))
    }
}
