import Contracts
import PipelineModel
import TestWorld
import Testing
import TrafficRig

@testable import Routers

/// What can go wrong with whatever is switched by one rename on this machine.
@Suite struct FileSwitchTests {
    private static let green = Datum(live: .green, token: Token(number: 80))

    private enum Fate: CaseIterable {
        case killed, powerCut, failing
    }

    @Test(arguments: Fate.allCases, FakeFileKind.all)
    private func `whatever ends a write, what decides says the old or the new`(
        fate: Fate, kind: FakeFileKind
    ) async throws {
        for target in Color.allCases {
            let datum = Datum(live: target, isIdleClaimed: true, token: Token(number: 80))
            var operation = 1
            while try await meets(fate, at: operation, of: datum, kind) {
                operation += 1
                try #require(operation < 100, "the write never came to its end")
            }
        }
    }

    /// Whether the write has so many operations.
    private func meets(
        _ fate: Fate, at operation: Int, of datum: Datum, _ kind: FakeFileKind
    ) async throws -> Bool {
        let fake = kind.make()
        let router = try fake.router()
        let before = try await router.observe()
        fake.disk.prepare(
            fate == .failing ? .failure(.noSpace) : .death(written: 3), at: operation)
        let result = await router.write(datum, expecting: before)
        let wasMet = fake.disk.restart()
        if fate == .powerCut { fake.disk.cutPower() }
        let after = try await router.observe()
        let isNew = after.token == datum.token
        #expect(after.color == (isNew ? datum.live : .blue))
        #expect(after.isIdleClaimed == isNew)
        #expect(isNew || after == before)
        if result == .applied { #expect(isNew) }
        if case .notApplied = result { #expect(!isNew) }
        if !wasMet { #expect(result == .applied) }
        return wasMet
    }

    @Test(arguments: FakeFileKind.all)
    func `what cannot be written leaves everything as it is`(kind: FakeFileKind) async throws {
        let fake = kind.make()
        var world = fake.world
        world.files.replace = { path, _, _ throws(FileFailure) in
            throw FileFailure(.denied, "cannot write \(path): Permission denied")
        }
        let before = try await fake.router().observe()
        let result = await (try fake.router(world: world)).write(Self.green, expecting: before)
        guard case .notApplied(let failure) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(failure.code == .routerRefused)
        #expect(failure.message.contains(" \(fake.path) cannot be changed."))
        #expect(failure.evidence.first?.hasSuffix(": Permission denied") == true)
        #expect(try await fake.router().observe() == before)
    }

    @Test(arguments: FakeFileKind.all)
    func `another writer is waited for, then the write is not done`(kind: FakeFileKind)
        async throws
    {
        let fake = kind.make()
        let router = try fake.router()
        let before = try await router.observe()
        let path = try #require(((router as? any ForwardingRouter)?.way as? SlotSwitch)?.slot)
            .lockPath
        let lock = try fake.disk.locks.take(path)
        let result = await router.write(Self.green, expecting: before)
        #expect(result.failure?.code == .routerRefused)
        #expect(!result.isUnknown)
        lock?.release()
        #expect(await router.write(Self.green, expecting: before) == .applied)
    }

    @Test(arguments: FakeFileKind.all)
    func `a switch that the proxy does not follow is unknown, and shown as it serves`(
        kind: FakeFileKind
    ) async throws {
        let fake = kind.make()
        var world = fake.world
        world.streams = Streams { (_) throws(StreamFailure) in
            Array("HTTP/1.1 200 OK\r\n\r\nblue\n".utf8)
        }
        let router = try fake.router(isReadBack: true, world: world)
        let result = await router.write(Self.green, expecting: try await router.observe())
        #expect(result.isUnknown)
        let words = " still serves blue, although \(fake.path) says green."
        #expect(result.failure?.message.hasSuffix(words) == true)
        let asked = try #require(fake.settings.text("readBack"))
        #expect(result.failure?.evidence == ["\(asked): blue"])
        #expect(result.failure?.hint?.contains("docs/routers/\(kind.name).md") == true)
        let seen = try await router.observe()
        #expect(seen.color == .blue)
        #expect(seen.durable == .differs(.color(.green)))
        #expect(seen.token == Self.green.token)
    }
}
