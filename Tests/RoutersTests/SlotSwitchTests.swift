import Contracts
import PipelineModel
import TestWorld
import Testing
import TrafficRig

@testable import Routers

/// What can go wrong in a slot folder, and with the proxy that looks into it.
@Suite struct SlotSwitchTests {
    private static let green = Datum(live: .green, token: Token(epoch: 1, round: 1))

    // MARK: Dying

    @Test func `what a dead writer prepared is no fence`() async throws {
        let slot = FakeSlot(["blue": "blue:green:0:70\ngreen:blue:0:90\n"])
        let router = try slot.router()
        let before = try await router.observe()
        #expect(before.token == Token(number: 70))
        let datum = Datum(live: .green, token: Token(number: 80))
        #expect(await router.write(datum, expecting: before) == .applied)
        #expect(slot["green"] == "blue:green:0:70\ngreen:blue:0:80\n")
    }

    // MARK: Disorder

    @Test func `two files are foreign, and the next write leaves one`() async throws {
        for target in Color.allCases {
            let slot = FakeSlot(["blue": FakeSlot.first, "green": "green:blue:0:70\n"])
            let router = try slot.router(isReadBack: true)
            let before = try await router.observe()
            #expect(before.effective == .foreign("blue and green at once"))
            let datum = Datum(live: target, token: Token(number: 80))
            #expect(await router.write(datum, expecting: before) == .applied)
            #expect(slot.names == [target])
        }
    }

    @Test func `no file is absent, and the next write makes one`() async throws {
        let slot = FakeSlot([:])
        let router = try slot.router(isReadBack: true)
        let before = try await router.observe()
        #expect(before.effective == .absent)
        #expect(await router.write(Self.green, expecting: before) == .applied)
        #expect(slot.names == [.green])
    }

    @Test func `a text that is not ours is foreign`() async throws {
        let slot = FakeSlot(["blue": "purple\n"])
        let seen = try await slot.router().observe()
        #expect(seen.effective == .foreign("blue holding 'purple'"))
    }

    @Test func `a link is foreign`() async throws {
        let slot = FakeSlot(["blue": ""])
        slot.disk.makeLink("\(FakeSlot.folder)/blue")
        let seen = try await slot.router().observe()
        #expect(seen.effective == .foreign("blue, which is not a plain file"))
    }

    @Test func `an empty file is a colour that nobody has written yet`() async throws {
        let slot = FakeSlot(["green": ""])
        let router = try slot.router()
        let before = try await router.observe()
        #expect(before.effective == .color(.green))
        #expect(before.durable == .same)
        #expect(before.token == nil)
        let datum = Datum(live: .blue, token: Token(number: 80))
        #expect(await router.write(datum, expecting: before) == .applied)
        #expect(slot["blue"] == "green:blue:0:0\nblue:green:0:80\n")
    }

    @Test func `a folder that cannot be read is a failure`() async throws {
        let slot = FakeSlot()
        let router = try slot.router()
        slot.disk.prepare(.failure(.denied), at: 1)
        let failure = await #expect(throws: Failure.self) { try await router.observe() }
        #expect(failure?.code == .routerUnreachable)
    }

    @Test func `a flush that failed is in effect and not durable, until it is written again`()
        async throws
    {
        let slot = FakeSlot()
        var world = slot.world
        world.files.rename = { path, name throws(FileFailure) in
            try slot.disk.files.rename(path, name)
            throw FileFailure(.other, "cannot rename \(path): Input/output error")
        }
        let before = try await slot.router().observe()
        let result = await (try slot.router(world: world)).write(Self.green, expecting: before)
        guard case .appliedNotDurable(let failure) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(failure.code == .routerNotDurable)
        #expect(await (try slot.router()).write(Self.green, expecting: before) == .applied)
    }

    @Test func `a folder in memory is in effect and not durable`() async throws {
        let slot = FakeSlot()
        slot.disk[MountTable.path] = Array("tmpfs /srv tmpfs rw 0 0\n".utf8)
        let router = try slot.router()
        let before = try await router.observe()
        #expect(before.durable == .differs(.absent))
        let result = await router.write(Self.green, expecting: before)
        #expect(result == .appliedNotDurable(try #require(result.failure)))
        #expect(result.failure?.message.contains("tmpfs") == true)
    }

    // MARK: Asking the proxy

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\ngree", "green\n",
        "HTTP/1.1 200 OK\r\n\r\nblue\n\n", "HTTP/1.1 404 Not Found\r\n\r\ngreen\n",
        "HTTP/1.1 200 OK\r\n\r\n5\r\ngreen\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nbluegreen",
        "\u{1B}[31mgreen\n",
    ])
    func `any other answer is a failure, never a colour`(answer: String) async throws {
        let slot = FakeSlot()
        let router = try slot.router(isReadBack: true, world: slot.world(answering: answer))
        let failure = await #expect(throws: Failure.self) { try await router.observe() }
        #expect(failure?.code == .routerGarbled)
        let seen = Observation(effective: .color(.blue))
        #expect((await router.write(Self.green, expecting: seen)).isUnknown)
    }

    @Test func `a proxy that does not answer is a failure within half a second`() async throws {
        let slot = FakeSlot()
        var world = slot.world
        world.streams = Streams { (request) throws(StreamFailure) in
            #expect(request.timeout <= .milliseconds(500))
            #expect(request.endpoint == .tcp(host: "127.0.0.1", port: 8080))
            throw StreamFailure(mayHaveActed: true, "no answer")
        }
        let router = try slot.router(isReadBack: true, world: world)
        let failure = await #expect(throws: Failure.self) { try await router.observe() }
        #expect(failure?.code == .routerUnreachable)
        #expect(failure?.message == "nginx did not answer at http://127.0.0.1:8080/.bluegreen.")
    }

    // MARK: Settings

    @Test(arguments: [
        ("shop", nil, "'slot' is not the absolute path of a folder"),
        ("/", nil, "'slot' is not the absolute path of a folder"),
        ("/srv/a b", nil, "'slot' cannot be used as it is"),
        ("/srv/shop", "https://127.0.0.1/", "'readBack' cannot be https"),
        ("/srv/shop", "127.0.0.1", "'readBack' must be an address"),
        ("/srv/shop", "http://u:p@h/", "'readBack' must not hold a user name"),
    ])
    func `a mistake in the settings is named`(
        slot: String, readBack: String?, message: String
    ) {
        let report = Report()
        let settings = Settings.mapping(
            [("slot", .text(slot))] + (readBack.map { [("readBack", .text($0))] } ?? []))
        #expect(NginxRouter(settings.section(report), world: RouterWorld.world()) == nil)
        #expect(report.diagnostics.count == 1)
        #expect(report.diagnostics.first?.message.hasPrefix(message) == true)
    }

    @Test func `a slash at the end does not matter`() throws {
        let router = try ProxyKind.nginx.router(["slot": "/srv/shop/"], RouterWorld.world())
        #expect(router.address == "/srv/shop")
        #expect(router.fencing == .synchronous)
    }
}
