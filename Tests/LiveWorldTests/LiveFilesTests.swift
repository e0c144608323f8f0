import Contracts
import Glibc
import Testing

@testable import LiveWorld

@Suite struct LiveFilesTests {
    let folder: TemporaryFolder
    let files = World.live().files

    init() throws { folder = try TemporaryFolder() }

    private func reason(_ work: () throws(FileFailure) -> Void) -> FileFailure.Reason? {
        do {
            try work()
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func `a file is read whole`() throws {
        try folder.write("a", "hello")
        #expect(try files.read(folder("a"), 5) == Array("hello".utf8))
    }

    @Test func `a file larger than the limit is refused`() throws {
        try folder.write("a", "hello")
        #expect(
            reason { () throws(FileFailure) in _ = try files.read(folder("a"), 4) } == .tooLarge)
    }

    @Test func `the end of a file is read, however long it is`() throws {
        try folder.write("a", "hello")
        #expect(try files.readEnd(folder("a"), 3) == Array("llo".utf8))
        #expect(try files.readEnd(folder("a"), 9) == Array("hello".utf8))
    }

    @Test func `an endless file is refused`() {
        #expect(
            reason { () throws(FileFailure) in _ = try files.read("/proc/self/mountinfo", 8) }
                == .tooLarge)
    }

    @Test func `an absent file is named in the failure`() {
        let failure = #expect(throws: FileFailure.self) { _ = try files.read(folder("none"), 10) }
        #expect(failure?.reason == .notFound)
        #expect(failure?.message == "cannot read \(folder("none")): No such file or directory")
    }

    @Test func `a FIFO is refused without waiting for its other end`() {
        mkfifo(folder("pipe"), 0o600)
        #expect(
            reason { () throws(FileFailure) in _ = try files.read(folder("pipe"), 10) } == .unsafe)
    }

    @Test func `a folder is listed without itself and its parent`() throws {
        try folder.write("b", "")
        try folder.write("a", "")
        #expect(try files.list(folder.path).sorted() == ["a", "b"])
    }

    @Test func `an absent folder is empty`() throws {
        #expect(try files.list(folder("none")).isEmpty)
    }

    @Test func `listing a file is a failure`() throws {
        try folder.write("a", "")
        #expect(reason { () throws(FileFailure) in _ = try files.list(folder("a")) } == .notFound)
    }

    @Test func `the status tells what is there`() throws {
        try folder.write("a", "hello", mode: 0o640)
        symlink(folder("a"), folder("link"))
        let status = try #require(try files.status(folder("a")))
        #expect(status.kind == .file && status.size == 5 && status.mode == 0o640)
        #expect(status.userID == geteuid())
        #expect(try files.status(folder("link"))?.kind == .link)
        #expect(try files.status(folder.path)?.kind == .folder)
        #expect(try files.status(folder("none")) == nil)
        #expect(try files.status(folder("a/below")) == nil)
    }

    @Test func `a renamed file replaces what had the name, and keeps itself`() throws {
        try folder.write("blue", "new", mode: 0o604)
        try folder.write("green", "old")
        try files.rename(folder("blue"), "green")
        #expect(try folder.names() == ["green"])
        #expect(try folder.text("green") == "new")
        #expect(try files.status(folder("green"))?.mode == 0o604)
    }

    @Test func `renaming what is absent changes nothing`() throws {
        try folder.write("green", "old")
        let failure = #expect(throws: FileFailure.self) {
            try files.rename(folder("blue"), "green")
        }
        #expect(failure?.reason == .notFound)
        #expect(
            failure?.message == "cannot rename \(folder("blue")): No such file or directory")
        #expect(try folder.text("green") == "old")
    }

    @Test func `removing twice is no error`() throws {
        try folder.write("a", "")
        try files.remove(folder("a"))
        try files.remove(folder("a"))
        #expect(try folder.names().isEmpty)
    }

    @Test func `removing a link leaves its target`() throws {
        try folder.write("a", "kept")
        symlink(folder("a"), folder("link"))
        try files.remove(folder("link"))
        #expect(try folder.names() == ["a"])
    }
}
