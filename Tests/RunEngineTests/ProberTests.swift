import Contracts
import PipelineModel
import Synchronization
import TestWorld
import Testing

@testable import RunEngine

struct ProberTests {
    @Test(arguments: [
        ("blue", ProofTally.Answer.color(.blue)), ("green", .color(.green)), ("red", .other("red")),
    ])
    func `a header names the colour that answered`(
        _ value: String, _ expected: ProofTally.Answer
    ) {
        let answer = HTTPAnswer(status: 200, headers: [HTTPField("x-color", value)])
        #expect(prober().kind(of: answer) == expected)
    }

    @Test func `an answer without the header is an error, not another colour`() {
        #expect(prober().kind(of: HTTPAnswer(status: 200)) == .error("no header X-Color"))
    }

    @Test func `a failed request proves nothing, whoever signed it`() {
        let answer = HTTPAnswer(status: 503, headers: [HTTPField("X-Color", "green")])
        #expect(prober().kind(of: answer) == .error("status 503"))
    }

    @Test(arguments: [
        ("version 1.0", ProofTally.Answer.color(.blue)),
        ("version 1.0.1", .color(.green)),
        ("version 2", .other("version 2")),
    ])
    func `where one version is part of the other the longer one decides`(
        _ body: String, _ expected: ProofTally.Answer
    ) {
        let prober = prober(.body, [.blue: "1.0", .green: "1.0.1"])
        #expect(prober.kind(of: HTTPAnswer(status: 200, body: Array(body.utf8))) == expected)
    }

    @Test func `a body that names both colours is neither`() {
        let prober = prober(.body, [.blue: "blue", .green: "green"])
        let body = "from blue to green"
        #expect(
            prober.kind(of: HTTPAnswer(status: 200, body: Array(body.utf8))) == .other(body))
    }

    @Test func `a direct question keeps the public path`() async {
        let asked = Mutex<[HTTPRequest]>([])
        var world = World.offLimits
        world.time = ManualTime().time
        world.http = HTTP { request throws(HTTPFailure) in
            asked.withLock { $0.append(request) }
            return HTTPAnswer(status: 200)
        }
        let prober = Prober(entrance: .example, world: world, constants: Constants())
        _ = await prober.askDirectly(.green, timeout: .seconds(1))
        #expect(asked.withLock { $0.map(\.url) } == ["http://green.test/version"])
        #expect(asked.withLock { $0.allSatisfy { $0.isOnFreshConnection } })
    }

    private func prober(
        _ place: Entrance.Place = .header("X-Color"),
        _ expected: [Color: String] = [.blue: "blue", .green: "green"]
    ) -> Prober {
        var entrance = Entrance.example
        entrance.place = place
        entrance.expected = expected
        return Prober(entrance: entrance, world: .offLimits, constants: Constants())
    }
}
