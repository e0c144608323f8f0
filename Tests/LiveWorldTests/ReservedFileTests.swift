import Contracts
import Glibc
import Testing

@testable import LiveWorld

@Suite struct ReservedFileTests {
    private static let size = 128 << 10

    let folder: TemporaryFolder
    let files = World.live().files

    init() throws { folder = try TemporaryFolder() }

    private var status: stat {
        var status = stat()
        lstat(folder("spare"), &status)
        return status
    }

    private func expectBlocks() {
        #expect(status.st_size == Self.size)
        #expect(Int(status.st_blocks) * 512 >= Self.size)
    }

    @Test func `reserved room is real, and ours alone`() throws {
        try files.reserve(folder("spare"), Self.size)
        expectBlocks()
        #expect(status.st_mode & 0o7777 == 0o600)
        let first = status.st_ino
        try files.reserve(folder("spare"), Self.size)
        expectBlocks()
        #expect(status.st_ino == first)
    }

    @Test func `a copy that has only the length is made whole`() throws {
        try folder.write("spare", "")
        chmod(folder("spare"), 0o600)
        truncate(folder("spare"), Self.size)
        #expect(Int(status.st_blocks) * 512 < Self.size)
        try files.reserve(folder("spare"), Self.size)
        expectBlocks()
    }

    @Test func `a link is not followed, and stays`() throws {
        symlink("elsewhere", folder("spare"))
        let failure = #expect(throws: FileFailure.self) {
            try files.reserve(folder("spare"), Self.size)
        }
        #expect(failure?.reason == .unsafe)
        #expect(try folder.names() == ["spare"])
    }

    @Test func `room that would be the last one is not taken, and nothing is left behind`() async {
        guard geteuid() == 0 else { return print("skipped: only root can mount a small disk") }
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            guard mountSmallDisk(at: folder.path) else { return print("skipped: cannot mount") }
            defer { unmount(folder.path) }
            let files = World.live().files
            let failure = #expect(throws: FileFailure.self) {
                try files.reserve(folder("spare"), 48 << 10)
            }
            #expect(failure?.reason == .noSpace)
            #expect(try folder.names().isEmpty)
            try files.reserve(folder("spare"), 16 << 10)
            #expect(try folder.names() == ["spare"])
        }
    }
}
