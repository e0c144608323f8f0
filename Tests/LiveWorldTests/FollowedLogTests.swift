import Contracts
import Glibc
import Testing

@testable import LiveWorld

@Suite struct FollowedLogTests {
    let folder: TemporaryFolder
    let files = World.live().files

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("log", "one\n")
    }

    private func append(_ text: String, to name: String = "log") throws {
        let file = try openFile(folder(name), O_WRONLY | O_APPEND)
        defer { close(file) }
        try writeAll(Array(text.utf8), to: file)
    }

    @Test func `what is appended can be read alone`() throws {
        let log = try files.follow(folder("log"))
        #expect(try log.length() == 4)
        try append("two\n")
        #expect(try log.length() == 8)
        #expect(try log.read(4, 100) == Array("two\n".utf8))
        #expect(try log.read(4, 2) == Array("tw".utf8))
        #expect(try log.read(8, 100) == [])
    }

    @Test func `a renamed file is still read, and is replaced once another has its name`() throws {
        let log = try files.follow(folder("log"))
        #expect(try !log.isReplaced())
        #expect(rename(folder("log"), folder("log.1")) == 0)
        #expect(try !log.isReplaced())
        try append("two\n", to: "log.1")
        #expect(try log.read(4, 100) == Array("two\n".utf8))
        try folder.write("log", "")
        #expect(try log.isReplaced())
        try append("three\n", to: "log.1")
        #expect(try log.read(8, 100) == Array("three\n".utf8))
    }

    @Test func `a file that was cut says so by its length`() throws {
        let log = try files.follow(folder("log"))
        #expect(truncate(folder("log"), 0) == 0)
        #expect(try log.length() == 0)
        #expect(try !log.isReplaced())
    }

    @Test func `a FIFO is not followed, and an absent file is named`() {
        mkfifo(folder("pipe"), 0o600)
        let pipe = #expect(throws: FileFailure.self) { _ = try files.follow(folder("pipe")) }
        #expect(pipe?.reason == .unsafe)
        let none = #expect(throws: FileFailure.self) { _ = try files.follow(folder("none")) }
        #expect(none?.message == "cannot read \(folder("none")): No such file or directory")
    }

    @Test func `a followed file is closed when nobody holds it`() throws {
        let before = try openFiles()
        for _ in 1...10 { _ = try files.follow(folder("log")) }
        #expect(try openFiles() < before + 10)
    }

    private func openFiles() throws -> Int {
        try files.list("/proc/self/fd").count
    }
}
