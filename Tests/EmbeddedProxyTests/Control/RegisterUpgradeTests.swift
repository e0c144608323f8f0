import Contracts
import PipelineModel
import TestWorld
import Testing

@testable import EmbeddedProxy

/// The first start after a version that kept the register beside the admin socket.
struct RegisterUpgradeTests {
    private let disk = MemoryFiles()
    private let green = RegisterRecord(
        datum: Datum(live: .green, token: Token(epoch: 2, round: 1)))
    private let older = RegisterRecord(
        datum: Datum(live: .blue, token: Token(epoch: 1, round: 1)))

    private func open() throws -> Register {
        try Register(in: "/state", address: "/address", files: disk.files, log: .silent)
    }

    @Test(arguments: [["register"], ["register.copy"], ["register", "register.copy"]])
    func `an upgraded proxy began with blue although green was live`(names: [String]) async throws {
        for name in names { disk["/address/\(name)"] = green.bytes() }
        #expect(try open().record == green)
        #expect(disk["/address/register"] == nil)
        #expect(disk["/address/register.copy"] == nil)
        disk.cutPower()
        #expect(try open().record == green)
        #expect(disk["/state/register"] == disk["/state/register.copy"])
    }

    @Test func `of two files the newer one is adopted`() async throws {
        disk["/address/register"] = older.bytes()
        disk["/address/register.copy"] = green.bytes()
        #expect(try open().record == green)
    }

    @Test func `one sound file of an earlier version is enough`() async throws {
        disk["/address/register"] = [1]
        disk["/address/register.copy"] = green.bytes()
        #expect(try open().record == green)
    }

    @Test func `where an earlier register cannot be read, the proxy does not start`() throws {
        disk["/address/register"] = [1]
        let failure = #expect(throws: Failure.self) { try open() }
        #expect(failure?.hint?.contains("/address/register and /address/register.copy") == true)
        #expect(disk["/address/register"] == [1])
        #expect(disk["/state/register"] == nil)
    }

    @Test func `killed while it adopts, the next start goes on with the same colour`()
        async throws
    {
        disk["/address/register"] = green.bytes()
        for operation in 1...18 {
            let fate = disk.copy()
            fate.prepare(.death(), at: operation)
            // What it says while it dies does not matter.
            _ = try? Register(in: "/state", address: "/address", files: fate.files, log: .silent)
            fate.cutPower()
            let after = try Register(
                in: "/state", address: "/address", files: fate.files, log: .silent)
            #expect(after.record == green, "operation \(operation)")
        }
    }
}
