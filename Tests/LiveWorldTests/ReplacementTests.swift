import Contracts
import Foundation
import Glibc
import Testing

@testable import LiveWorld

@Suite struct ReplacementTests {
    let folder: TemporaryFolder
    let files = World.live().files

    init() throws { folder = try TemporaryFolder() }

    private func replace(_ name: String, _ text: String) throws(FileFailure) {
        try files.replace(folder(name), Array(text.utf8), 0o640)
    }

    @Test func `a new file gets its mode whatever the umask`() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            umask(0o777)
            try World.live().files.replace(folder("new"), [65], 0o644)
            #expect(try World.live().files.status(folder("new"))?.mode == 0o644)
        }
    }

    @Test func `a cache is replaced as a whole and leaves nothing beside it`() throws {
        try folder.write("state.json", "old and longer", mode: 0o600)
        try files.replaceCache(folder("state.json"), Array("new".utf8), 0o600)
        #expect(try files.read(folder("state.json"), 100) == Array("new".utf8))
        #expect(try files.list(folder.path) == ["state.json"])
    }

    @Test func `an existing file keeps its mode`() throws {
        try folder.write("map", "old", mode: 0o604)
        try replace("map", "new")
        #expect(try files.status(folder("map"))?.mode == 0o604)
        #expect(try folder.text("map") == "new")
    }

    @Test func `an existing file keeps its owner`() throws {
        guard geteuid() == 0 else { return print("skipped: only root can give files away") }
        try folder.write("map", "old")
        chown(folder("map"), 1234, 4321)
        try replace("map", "new")
        var status = stat()
        stat(folder("map"), &status)
        #expect(status.st_uid == 1234 && status.st_gid == 4321)
    }

    @Test func `nothing is left beside the file`() throws {
        try replace("map", "new")
        #expect(try folder.names() == ["map"])
    }

    @Test func `what a killed process left behind is written over`() throws {
        try folder.write(".map.tmp", "a much longer text than the new one", mode: 0o666)
        chmod(folder(".map.tmp"), 0o600)
        try replace("map", "new")
        #expect(try folder.text("map") == "new")
        #expect(try folder.names() == ["map"])
    }

    @Test func `what was killed after it was given away is written anew`() throws {
        guard geteuid() == 0 else { return print("skipped: only root can give files away") }
        try folder.write("map", "old", mode: 0o664)
        chown(folder("map"), 1234, 4321)
        try folder.write(".map.tmp", "half of it")
        chown(folder(".map.tmp"), 1234, 4321)
        let handle = open(folder(".map.tmp"), O_RDWR)
        defer { close(handle) }
        try replace("map", "new")
        #expect(try folder.text("map") == "new")
        #expect(try folder.names() == ["map"])
        // The file that somebody else owned was never written.
        var status = stat()
        fstat(handle, &status)
        #expect(status.st_size == 10 && status.st_nlink == 0)
    }

    @Test func `what was killed after others were let in is written anew`() throws {
        try folder.write("map", "old", mode: 0o664)
        try folder.write(".map.tmp", "half")
        chmod(folder(".map.tmp"), 0o664)
        try replace("map", "new")
        #expect(try folder.text("map") == "new")
        #expect(try folder.names() == ["map"])
    }

    @Test func `what another process is giving away right now is not disturbed`() throws {
        guard geteuid() == 0 else { return print("skipped: only root can give files away") }
        try folder.write(".map.tmp", "half")
        let other = open(folder(".map.tmp"), O_WRONLY)
        defer { close(other) }
        flock(other, LOCK_EX)
        chown(folder(".map.tmp"), 1234, 4321)
        let failure = #expect(throws: FileFailure.self) { try replace("map", "new") }
        #expect(failure?.message.hasSuffix("another process is writing it") == true)
        #expect(try folder.text(".map.tmp") == "half")
    }

    @Test func `another process that is writing the same file is not disturbed`() throws {
        try folder.write(".map.tmp", "half")
        let other = open(folder(".map.tmp"), O_WRONLY)
        defer { close(other) }
        flock(other, LOCK_EX)
        let failure = #expect(throws: FileFailure.self) { try replace("map", "new") }
        #expect(
            failure?.message == "cannot write \(folder("map")): another process is writing it")
        #expect(try folder.text(".map.tmp") == "half")
    }

    @Test func `many writers at once leave one whole text`() async throws {
        let folder = folder
        try folder.write("map", "")
        await withTaskGroup(of: Void.self) { writers in
            for digit in 0...7 {
                writers.addTask {
                    let bytes = [UInt8](repeating: UInt8(48 + digit), count: 100_000)
                    // Losing against another writer is allowed; mixing with it is not.
                    for _ in 1...20 { try? World.live().files.replace(folder("map"), bytes, 0o600) }
                }
            }
        }
        let text = try folder.text("map")
        #expect(text.count == 100_000 && Set(text).count == 1)
    }

    @Test(arguments: ["map", ".map.tmp"])
    func `a link is refused and its target stays as it is`(name: String) throws {
        try folder.write("victim", "kept")
        symlink(folder("victim"), folder(name))
        let failure = #expect(throws: FileFailure.self) { try replace("map", "new") }
        #expect(failure?.reason == .unsafe)
        #expect(try folder.text("victim") == "kept")
    }

    @Test(arguments: ["map", ".map.tmp"])
    func `a FIFO is refused`(name: String) {
        mkfifo(folder(name), 0o600)
        let failure = #expect(throws: FileFailure.self) { try replace("map", "new") }
        #expect(failure?.reason == .unsafe)
    }

    @Test func `a file aside with a second name is refused`() throws {
        try folder.write("victim", "kept")
        link(folder("victim"), folder(".map.tmp"))
        let failure = #expect(throws: FileFailure.self) { try replace("map", "new") }
        #expect(failure?.reason == .unsafe)
        #expect(try folder.text("victim") == "kept")
    }

    @Test func `a missing folder is a failure that names the file`() {
        let failure = #expect(throws: FileFailure.self) { try replace("none/map", "new") }
        #expect(failure?.reason == .notFound)
        #expect(
            failure?.message == "cannot write \(folder("none/map")): No such file or directory")
    }

    @Test func `a file that may not grow keeps its content and leaves no litter`() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            try folder.write("map", "old")
            limitFileSize(to: 1000)
            let failure = #expect(throws: FileFailure.self) {
                try World.live().files.replace(
                    folder("map"), [UInt8](repeating: 65, count: 5000), 0o600)
            }
            #expect(failure?.message == "cannot write \(folder("map")): File too large")
            #expect(try folder.text("map") == "old")
            #expect(try folder.names() == ["map"])
        }
    }

    @Test func `a read-only folder is denied`() throws {
        guard geteuid() != 0 else { return print("skipped: root may write everywhere") }
        chmod(folder.path, 0o500)
        defer { chmod(folder.path, 0o700) }
        let failure = #expect(throws: FileFailure.self) { try replace("map", "new") }
        #expect(failure?.reason == .denied)
    }

    @Test func `a full disk and a read-only one say so`() async {
        guard geteuid() == 0 else { return print("skipped: only root can mount a small disk") }
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            guard mountSmallDisk(at: folder.path) else { return print("skipped: cannot mount") }
            defer { unmount(folder.path) }
            let files = World.live().files
            let full = #expect(throws: FileFailure.self) {
                try files.replace(folder("map"), [UInt8](repeating: 65, count: 1 << 20), 0o600)
            }
            #expect(full?.reason == .noSpace)
            #expect(full?.message == "cannot write \(folder("map")): No space left on device")
            #expect(try folder.names().isEmpty)
            remountReadOnly(folder.path)
            let closed = #expect(throws: FileFailure.self) {
                try files.replace(folder("map"), [65], 0o600)
            }
            #expect(closed?.reason == .readOnly)
            let locked = #expect(throws: FileFailure.self) {
                _ = try World.live().locks.take(folder("lock"))
            }
            #expect(locked?.reason == .readOnly)
        }
    }
}
