import Contracts
import PipelineModel
import Testing

@testable import Routers

@Suite struct HAProxyRegisterTests {
    private static let green = Datum(live: .green, token: Token(epoch: 1, round: 1))

    @Test(arguments: Color.allCases, [true, false])
    func `a datum is one number, and the number is the datum`(
        _ live: Color, _ isClaimed: Bool
    ) throws {
        let datum = Datum(live: live, isIdleClaimed: isClaimed, token: Token(epoch: 7, round: 2))
        let number = try #require(HAProxyRegister.number(of: datum))
        let kept = KeptDatum(.color(live), isIdleClaimed: isClaimed, token: datum.token)
        #expect(HAProxyRegister.kept("\(number)") == kept)
    }

    @Test(arguments: ["-1", "x", "1.5", "+1", "99999999999999999999"])
    func `what is no number is foreign`(_ text: String) {
        #expect(HAProxyRegister.kept(text) == KeptDatum(.foreign(text)))
    }

    @Test func `a token that does not fit the register is refused`() async throws {
        let fake = try FakeRouter(.register)
        let before = try await fake.router.observe()
        let huge = Datum(live: .green, token: Token(number: .max / 2))
        #expect((await fake.router.write(huge, expecting: before)).failure?.code == .routerRefused)
        #expect(fake.proxy.live == .blue)
    }

    @Test func `a register raised by a newer writer in the meantime is stale`() async throws {
        let fake = try FakeRouter(.register)
        let newer = Token(epoch: 9, round: 1)
        let router = try fake.folder.router(
            Streams { (request) throws(StreamFailure) in
                if String(decoding: request.bytes, as: UTF8.self).contains("x-bluegreen-raise") {
                    fake.proxy.change { $0.register = newer.number * 4 }
                }
                return try fake.proxy.exchange(request)
            })
        let before = try await router.observe()
        #expect(await router.write(Self.green, expecting: before) == .refusedStale(newer))
    }

    @Test func `a number of the register that was cut is never a smaller number`() async throws {
        let fake = try FakeRouter(.register)
        fake.proxy.change { $0.register = 2625 }
        let control = StreamRequest.Endpoint.unix(path: "\(fake.folder.path)/control.sock")
        let whole = try fake.proxy.exchange(
            StreamRequest(control, bytes: [], timeout: .seconds(1)))
        for length in whole.indices {
            let router = try fake.folder.router(
                Streams { (request) throws(StreamFailure) in
                    let answer = try fake.proxy.exchange(request)
                    return request.endpoint == control ? Array(answer.prefix(length)) : answer
                })
            let failure = await #expect(throws: Failure.self) { try await router.observe() }
            #expect(failure?.code == .routerGarbled)
        }
    }

    @Test func `an unset register is absent`() async throws {
        let fake = try FakeRouter(.register)
        fake.proxy.change { $0.register = nil }
        let seen = try await fake.router.observe()
        #expect(seen.effective == .absent)
        #expect(seen.durable == .differs(.color(.blue)))
    }
}
