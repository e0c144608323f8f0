import Contracts
import Logging
import PipelineModel
import Synchronization
import TestWorld
import Testing

@testable import EmbeddedProxy

/// The fenced value: who may write it, and what a restart finds.
struct RegisterTests {
    private let disk = MemoryFiles()
    private let green = Datum(live: .green, token: Token(epoch: 2, round: 1))
    private let blue = Datum(live: .blue, token: Token(epoch: 3, round: 1))
    /// The operation of a write that makes the new name of the file durable.
    private static let flushOfFolder = 6

    private func open() throws -> Register {
        try Register(in: "/state", address: "/address", files: disk.files, log: .silent)
    }

    @Test func `the first start is blue with token 0`() async throws {
        let register = try open()
        #expect(register.record.datum == Datum(live: .blue, token: Token(number: 0)))
        #expect(register.durable() == .same)
    }

    @Test func `an accepted write is what the next request reads and what a restart finds`()
        async throws
    {
        let register = try open()
        #expect(await register.write(green) == .applied)
        #expect(register.routing.current.datum == green)
        disk.cutPower()
        #expect(try open().record.datum == green)
    }

    @Test func `a lower token is refused and names the one that is held`() async throws {
        let register = try open()
        _ = await register.write(green)
        let stale = Datum(live: .blue, token: Token(epoch: 1, round: 9))
        #expect(await register.write(stale) == .stale(green.token))
        #expect(register.routing.current.datum == green)
        disk.cutPower()
        #expect(try await open().write(stale) == .stale(green.token))
    }

    @Test func `the same token is a repeat for the same value only`() async throws {
        let register = try open()
        _ = await register.write(green)
        #expect(await register.write(green) == .applied)
        for other in [
            Datum(live: .blue, token: green.token),
            Datum(live: .green, isIdleClaimed: true, token: green.token),
        ] {
            #expect(await register.write(other) == .stale(green.token))
        }
        #expect(register.routing.current.datum == green)
    }

    @Test func `with a full disk the switch is refused and nothing changes`() async throws {
        let register = try open()
        _ = await register.write(green)
        disk.prepare(.failure(.noSpace), at: 3)
        let answer = await register.write(blue)
        guard case .refused = answer else { return #expect(Bool(false), "\(answer)") }
        #expect(register.routing.current.datum == green)
        #expect(register.durable() == .same)
        #expect(disk["/state/register.copy"] == disk["/state/register"])
        #expect(try open().record.datum == green)
    }

    @Test func `a disk that failed after the rename made an applied switch a refused one`()
        async throws
    {
        let register = try open()
        disk.prepare(.failure(.other), at: Self.flushOfFolder)
        let answer = await register.write(green)
        guard case .appliedNotDurable = answer else { return #expect(Bool(false), "\(answer)") }
        #expect(register.routing.current.datum == green)
        #expect(register.durable() == .differs(.color(.blue)))
        #expect(try open().record.datum == green)
        #expect(await register.write(green) == .applied)
        #expect(register.durable() == .same)
    }

    @Test func `where the file cannot even be read back, the answer is that nobody knows`()
        async throws
    {
        let register = try open()
        _ = await register.write(green)
        var files = disk.files
        files.replace = { _, _, _ throws(FileFailure) in throw FileFailure(.other, "no") }
        files.read = { _, _ throws(FileFailure) in throw FileFailure(.other, "no") }
        let blind = try Register(
            in: "/state", address: "/address", files: Self.failing(after: 2, disk.files, files),
            log: .silent)
        #expect(await blind.write(blue) == .unknown("no"))
        #expect(blind.routing.current.datum == green)
    }

    @Test func `the copy is a courtesy: a disk that fills up after the first file is no refusal`()
        async throws
    {
        let register = try open()
        disk.prepare(.failure(.noSpace), at: Self.flushOfFolder + 1)
        #expect(await register.write(green) == .applied)
        disk.cutPower()
        #expect(try open().record.datum == green)
    }

    @Test func `a copy that could not be written brought the colour before back`() async throws {
        let register = try open()
        _ = await register.write(green)
        disk.prepare(.failure(.noSpace), at: Self.flushOfFolder + 1)
        #expect(await register.write(blue) == .applied)
        disk["/state/register"] = [1]
        #expect(throws: Failure.self) { try open() }
    }

    @Test func `a start makes a missing copy again`() async throws {
        _ = try await open().write(green)
        disk["/state/register.copy"] = nil
        _ = try open()
        disk["/state/register"] = [1]
        #expect(try open().record.datum == green)
    }

    @Test func `a file that is older than its copy does not count, and that is said`()
        async throws
    {
        let register = try open()
        _ = await register.write(green)
        let old = disk["/state/register"]
        _ = await register.write(blue)
        disk["/state/register"] = old
        let restarted = try open()
        #expect(restarted.record.datum == blue)
        #expect(restarted.durable() == .same)
    }

    @Test(arguments: ["", "{", "{\"live\":\"blue\"}\n", "\u{0}\u{0}\u{0}"])
    func `a torn file falls back to its copy and is mended by the start`(torn: String)
        async throws
    {
        _ = try await open().write(green)
        let sound = disk["/state/register"]
        disk["/state/register"] = Array(torn.utf8)
        let register = try open()
        #expect(register.record.datum == green)
        #expect(register.durable() == .same)
        #expect(disk["/state/register"] == sound)
    }

    @Test func `a start that could not mend the file served, and lost the copy later`()
        async throws
    {
        _ = try await open().write(green)
        disk["/state/register"] = [1]
        disk.prepare(.failure(.noSpace), at: 3)
        #expect(throws: Failure.self) { try open() }
        #expect(try open().record.datum == green)
    }

    @Test func `a write that failed took the only sound file away`() async throws {
        for operation in 1...14 {
            let fate = disk.copy()
            let register = try Register(
                in: "/state", address: "/address", files: fate.files, log: .silent)
            #expect(await register.write(green) == .applied)
            fate["/state/register"] = [1]
            fate.prepare(.death(), at: operation)
            _ = await register.write(blue)
            fate.restart()
            let after = try Register(
                in: "/state", address: "/address", files: fate.files, log: .silent)
            let found = after.record.datum
            #expect([green, blue].contains(found), "operation \(operation)")
        }
    }

    @Test func `a file damaged under a running proxy is shown, with what its copy holds`()
        async throws
    {
        let register = try open()
        _ = await register.write(green)
        disk["/state/register"] = [1]
        #expect(await Self.doubt(of: register)?.hasSuffix("its copy counts") == true)
        disk["/state/register.copy"] = [2]
        #expect(await Self.doubt(of: register)?.contains("register.copy is torn") == true)
        disk["/state/register.copy"] = nil
        #expect(await Self.doubt(of: register)?.hasSuffix("there is no copy") == true)
        #expect(await register.write(green) == .applied)
        #expect(register.durable() == .same)
    }

    @Test func `every single changed byte is noticed`() async throws {
        _ = try await open().write(green)
        let sound = try #require(disk["/state/register"])
        for index in sound.indices {
            var torn = sound
            torn[index] ^= 0x20
            #expect(RegisterRecord(torn) == nil, "byte \(index)")
            #expect(RegisterRecord(Array(sound[..<index])) == nil, "cut at \(index)")
        }
    }

    @Test func `with both files damaged it does not guess`() async throws {
        _ = try await open().write(green)
        disk["/state/register"] = [1]
        disk["/state/register.copy"] = [2]
        #expect(throws: Failure.self) { try open() }
        #expect(disk["/state/register"] == [1])
    }

    @Test func `a file that is gone falls back to its copy`() async throws {
        _ = try await open().write(green)
        disk["/state/register"] = nil
        #expect(try open().record.datum == green)
    }

    @Test func `killed at any operation, it holds the old or the new value, never another`()
        async throws
    {
        _ = try await open().write(green)
        let next = blue
        for operation in 1...11 {
            let fate = disk.copy()
            let register = try Register(
                in: "/state", address: "/address", files: fate.files, log: .silent)
            fate.prepare(.death(), at: operation)
            let answer = await register.write(next)
            fate.cutPower()
            let after = try Register(
                in: "/state", address: "/address", files: fate.files, log: .silent)
            let found = after.record.datum
            #expect([green, next].contains(found), "operation \(operation)")
            #expect(answer != .applied || found == next, "operation \(operation)")
            // Damage on top of it never brings an older value back.
            fate["/state/register"] = [1]
            let last = try Register(
                in: "/state", address: "/address", files: fate.files, log: .silent
            ).record
            #expect(last.datum == found, "operation \(operation)")
        }
    }

    @Test func `a register that is gone from a known address was taken for the first day`()
        async throws
    {
        try await open().remember()
        _ = try open()
        disk["/state/register"] = nil
        disk["/state/register.copy"] = nil
        let failure = #expect(throws: Failure.self) { try open() }
        #expect(failure?.evidence.first?.contains("it was in /state") == true)
        #expect(failure?.hint?.contains("/address/register-folder") == true)
        disk["/address/register-folder"] = nil
        #expect(try open().record == .first)
    }

    @Test func `the service was renamed: its address does not begin anew`() async throws {
        try await open().remember()
        #expect(throws: Failure.self) {
            try Register(in: "/renamed", address: "/address", files: disk.files, log: .silent)
        }
        #expect(disk["/renamed/register"] == nil)
    }

    // MARK: - Split and pause

    @Test func `a split survives a restart and ends with the next write`() async throws {
        let split = Split(
            idlePercent: 5, match: HeaderMatch(.cookie, name: "beta", value: "a=b c"))
        let register = try open()
        _ = await register.write(green)
        #expect(await register.split(split, token: green.token) == .applied)
        #expect(try open().record.split == split)
        #expect(register.routing.current.split == split)
        _ = await register.write(Datum(live: .green, token: Token(epoch: 3, round: 1)))
        #expect(register.routing.current.split == nil)
    }

    @Test func `a split belongs to one token`() async throws {
        let register = try open()
        _ = await register.write(green)
        let old = Token(epoch: 1, round: 1)
        #expect(await register.split(Split(idlePercent: 5), token: old) == .stale(green.token))
        #expect(register.routing.current.split == nil)
    }

    @Test func `a claimed colour gets no share`() async throws {
        let register = try open()
        let claimed = Datum(live: .green, isIdleClaimed: true, token: green.token)
        _ = await register.write(claimed)
        guard case .refused = await register.split(Split(idlePercent: 5), token: green.token)
        else {
            Issue.record("it was accepted")
            return
        }
    }

    @Test func `a switch during a pause is in effect when the pause ends`() async throws {
        let register = try open()
        _ = await register.pause()
        _ = await register.write(green)
        #expect(register.routing.current.isPaused)
        await register.resume()
        #expect(register.routing.current == Route(datum: green))
    }

    @Test func `the end of a former pause does not end the next one`() async throws {
        let register = try open()
        let first = await register.pause()
        let second = await register.pause()
        await register.resume(first)
        #expect(register.routing.current.isPaused)
        await register.resume(second)
        #expect(!register.routing.current.isPaused)
    }
}

extension RegisterTests {
    private static func doubt(of register: Register) async -> String? {
        guard case .unknown(let why) = register.durable() else { return nil }
        return why
    }

    /// The first files for so many reads, then the others.
    private static func failing(after reads: Int, _ sound: Files, _ broken: Files) -> Files {
        let left = Mutex(reads)
        var files = broken
        files.read = { path, limit throws(FileFailure) in
            let isSound = left.withLock { left in
                left -= 1
                return left >= 0
            }
            return try isSound ? sound.read(path, limit) : broken.read(path, limit)
        }
        return files
    }
}

extension Logger {
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}
