import Contracts
import PipelineModel
import Synchronization
import TestWorld

@testable import RunEngine

/// A whole world in memory in which one run is played: routers, two colours and a public address.
final class Stage: Sendable {
    private struct State: Sendable {
        var broken: Set<Color> = []
        var impostor: Color?
        var testers: String?
        var signatures: [Color: String] = [:]
        /// Beside a body, so that no two are alike.
        var number: Int?
        /// How long green's answers at the public address take, in turn.
        var delays: [Duration] = []
        var reported: [RunProgress] = []
    }

    let time = ManualTime()
    let diary = Diary()
    let stop = StopRequest()
    let routers: [RouterID: FakeRouter]
    private let state = Mutex(State())

    init(live: Color = .blue, token: Token? = Token(epoch: 40, round: 2), fleet: Int = 1) {
        var routers: [RouterID: FakeRouter] = [:]
        for number in 1...fleet {
            routers[RouterID("lb-\(number)")] = FakeRouter(live: live, token: token, diary: diary)
        }
        self.routers = routers
    }

    /// The only router, or the first of the fleet.
    var router: FakeRouter { routers[RouterID("lb-1")] ?? FakeRouter(live: .blue) }

    // MARK: - Misfortunes

    func spoil(_ colors: Color...) {
        state.withLock { $0.broken = Set(colors) }
    }

    /// The public address answers as this colour, whatever the router says.
    func pretend(_ color: Color?) {
        state.withLock { $0.impostor = color }
    }

    /// A request with this header reaches green at the public address.
    func admit(testersBy header: String) {
        state.withLock { $0.testers = header }
    }

    /// The body with which this colour answers; its name unless said otherwise.
    func sign(_ color: Color, _ text: String) {
        state.withLock { $0.signatures[color] = text }
    }

    /// From now on it takes an hour until a router says what it has counted.
    func stallCounts() {
        for router in routers.values {
            router.stallCounts { [time] in await time.time.sleep(.seconds(3600)) }
        }
    }

    /// Green's answers at the public address take as long as these, in turn.
    func delay(_ delays: Duration...) {
        state.withLock { $0.delays = delays }
    }

    /// From now on no body is like another.
    func numberBodies() {
        state.withLock { $0.number = 0 }
    }

    var reported: [RunProgress] { state.withLock { $0.reported } }

    // MARK: - Playing

    func world() -> World {
        var world = World.offLimits
        world.time = time.time
        world.http = HTTP { request throws(HTTPFailure) in await self.answer(request) }
        return world
    }

    func equipment() -> RunEquipment {
        var equipment = RunEquipment(
            world: world(), routers: routers, recipes: [], constants: Constants(),
            entrance: .example, colors: Entrance.example.direct)
        equipment.releases = [.blue: Release(version: "2.7.0")]
        return equipment
    }

    func journal(
        _ plan: RunPlan, refuses: @escaping @Sendable (RunEvent) -> Bool = { _ in false }
    ) -> FakeJournal {
        FakeJournal(.example(plan), diary: diary, refuses: refuses)
    }

    /// Plays the plan to its end, and `meanwhile` beside it.
    func play(
        _ journal: FakeJournal, _ equipment: RunEquipment, adopting adoption: Adoption? = nil,
        meanwhile: @escaping @Sendable () async -> Void = {}
    ) async -> Outcome {
        let runner = Runner(equipment: equipment, journal: journal, stop: stop) { progress in
            self.state.withLock { $0.reported.append(progress) }
        }
        return await time.play {
            async let other: Void = meanwhile()
            let outcome = await runner.run(adopting: adoption)
            await other
            return outcome
        }
    }

    func play(_ plan: RunPlan) async -> Outcome {
        await play(journal(plan), equipment())
    }

    private func answer(_ request: HTTPRequest) async -> HTTPAnswer {
        let direct = Entrance.example.direct.first { request.url.hasPrefix($0.value) }?.key
        let (broken, impostor, testers) = state.withLock {
            ($0.broken, $0.impostor, $0.testers)
        }
        let isTester = request.headers.contains { $0.name == testers }
        let color = direct ?? (isTester ? .green : nil) ?? impostor ?? router.live ?? .blue
        let isBroken = broken.contains(color)
        if direct == nil { router.count(errors: isBroken ? 1 : 0, on: color) }
        await time.time.sleep(direct == nil && color == .green ? nextDelay() : .milliseconds(1))
        return HTTPAnswer(
            status: isBroken ? 503 : 200, headers: [HTTPField("X-Color", color.rawValue)],
            body: Array(body(of: color).utf8))
    }

    private func nextDelay() -> Duration {
        state.withLock { state in
            guard !state.delays.isEmpty else { return .milliseconds(1) }
            let next = state.delays.removeFirst()
            state.delays.append(next)
            return next
        }
    }

    private func body(of color: Color) -> String {
        state.withLock { state in
            let text = state.signatures[color] ?? color.rawValue
            guard let number = state.number else { return text }
            state.number = number + 1
            return "\(text) \(number)"
        }
    }
}

extension Entrance {
    static var example: Entrance {
        Entrance(
            url: "http://shop.test/version", place: .header("X-Color"),
            expected: [.blue: "blue", .green: "green"], consecutive: 20, within: .seconds(5),
            direct: [.blue: "http://blue.test", .green: "http://green.test"])
    }
}
