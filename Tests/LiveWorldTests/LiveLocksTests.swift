import Contracts
import Glibc
import Testing

@testable import LiveWorld

@Suite struct LiveLocksTests {
    let folder: TemporaryFolder
    let world = World.live()

    init() throws { folder = try TemporaryFolder() }

    private var path: String { folder("lock") }

    @Test func `a lock is held by one at a time`() throws {
        let first = try #require(try world.locks.take(path))
        #expect(try world.locks.take(path) == nil)
        first.release()
        let second = try #require(try world.locks.take(path))
        second.release()
    }

    @Test func `releasing twice frees nothing else`() throws {
        let first = try #require(try world.locks.take(path))
        first.release()
        let second = try #require(try world.locks.take(path))
        first.release()
        #expect(try world.locks.isHeld(path))
        second.release()
    }

    @Test func `a forgotten lock stays held`() throws {
        _ = try #require(try world.locks.take(path))
        #expect(try world.locks.isHeld(path))
    }

    @Test func `the file is ours alone and stays`() throws {
        try world.locks.take(path)?.release()
        #expect(try world.files.status(path)?.mode == 0o600)
    }

    @Test func `looking creates nothing and disturbs nobody`() throws {
        #expect(try !world.locks.isHeld(path))
        #expect(try folder.names().isEmpty)
        let held = try #require(try world.locks.take(path))
        #expect(try world.locks.isHeld(path))
        #expect(try world.locks.isHeld(path))
        held.release()
        #expect(try !world.locks.isHeld(path))
    }

    @Test func `somebody who looks does not make the taker fail`() throws {
        try world.locks.take(path)?.release()
        let onlooker = open(path, O_RDONLY)
        flock(onlooker, LOCK_SH)
        PlainThread.start {
            usleep(20_000)
            close(onlooker)
        }
        let held = try #require(try world.locks.take(path))
        held.release()
    }

    @Test func `kill -9 of the holder frees the lock`() async throws {
        let (path, world) = (path, world)
        let (signs, sign) = AsyncStream.makeStream(of: Int32.self)
        let holder = ProcessRequest(
            arguments: ["flock", "-o", path, "sh", "-c", "echo held; exec sleep 60"],
            environment: ["PATH": "/usr/bin:/bin"], timeout: .seconds(60),
            spawned: { sign.yield($0.pid) }, line: { _ in sign.yield(0) })
        async let ended = world.processes.run(holder)
        var seen = signs.makeAsyncIterator()
        let pid = try #require(await seen.next())
        _ = await seen.next()
        #expect(try world.locks.isHeld(path))
        #expect(try world.locks.take(path) == nil)
        kill(pid, SIGKILL)
        #expect(try await ended.ending == .signalled(SIGKILL))
        let taken = try #require(try world.locks.take(path))
        taken.release()
    }

    @Test func `children do not inherit the lock`() async throws {
        let held = try #require(try world.locks.take(path))
        let (signs, sign) = AsyncStream.makeStream(of: Void.self)
        let child = Task { [world] in
            try await world.processes.run(
                ProcessRequest(
                    arguments: ["sh", "-c", "echo up; exec sleep 60"],
                    environment: ["PATH": "/usr/bin:/bin"], timeout: .seconds(60),
                    grace: .zero, line: { _ in sign.yield() }))
        }
        var seen = signs.makeAsyncIterator()
        await seen.next()
        held.release()
        #expect(try !world.locks.isHeld(path))
        child.cancel()
        _ = try await child.value
    }

    @Test func `a link is refused`() throws {
        try folder.write("victim", "")
        symlink(folder("victim"), path)
        let failure = #expect(throws: FileFailure.self) { _ = try world.locks.take(path) }
        #expect(failure?.message == "cannot lock \(path): it is a symbolic link")
    }

    @Test func `a FIFO is refused`() {
        mkfifo(path, 0o600)
        let failure = #expect(throws: FileFailure.self) { _ = try world.locks.take(path) }
        #expect(failure?.reason == .unsafe)
    }

    @Test func `root takes the lock of whom the folder belongs to, and leaves it to them`() throws {
        guard geteuid() == 0 else { return print("skipped: only root can give folders away") }
        mkdir(folder("slot"), 0o755)
        chown(folder("slot"), 1234, 1234)
        let path = folder("slot/.lock")
        for _ in 1...2 {
            let held = try #require(try world.locks.take(path))
            held.release()
            #expect(try world.files.status(path)?.userID == 1234)
        }
        chown(path, 4321, 4321)
        let failure = #expect(throws: FileFailure.self) { _ = try world.locks.take(path) }
        #expect(failure?.message == "cannot lock \(path): it belongs to user 4321, not to us")
    }

    @Test func `a missing folder is a failure and not a held lock`() {
        let failure = #expect(throws: FileFailure.self) {
            _ = try world.locks.take(folder("none/lock"))
        }
        #expect(failure?.reason == .notFound)
        #expect(throws: Never.self) { try world.locks.isHeld(folder("none/lock")) }
    }
}
