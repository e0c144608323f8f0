import Contracts
import Glibc
import Testing

@testable import LiveWorld

@Suite struct JournalFileTests {
    let folder: TemporaryFolder
    let files = World.live().files

    init() throws { folder = try TemporaryFolder() }

    @Test func `records are added at the end`() throws {
        try folder.write("run", "one\n")
        let journal = try files.openJournal(folder("run"), false)
        try journal.append(Array("two\n".utf8), true)
        try journal.append(Array("three\n".utf8), false)
        journal.close()
        #expect(try folder.text("run") == "one\ntwo\nthree\n")
    }

    @Test func `a new journal is ours alone whatever the umask and reserves room`() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            umask(0)
            let journal = try World.live().files.openJournal(folder("run"), true)
            defer { journal.close() }
            var status = stat()
            lstat(folder("run"), &status)
            #expect(status.st_mode & 0o7777 == 0o600)
            #expect(status.st_size == 0)
            #expect(status.st_blocks * 512 >= 64 << 10)
        }
    }

    @Test func `a new journal must not exist yet`() throws {
        try folder.write("run", "")
        let failure = #expect(throws: FileFailure.self) {
            _ = try files.openJournal(folder("run"), true)
        }
        #expect(failure?.reason == .alreadyExists)
    }

    @Test func `an old journal must exist`() {
        let failure = #expect(throws: FileFailure.self) {
            _ = try files.openJournal(folder("run"), false)
        }
        #expect(failure?.reason == .notFound)
        #expect(failure?.message == "cannot open \(folder("run")): No such file or directory")
    }

    @Test func `a torn tail can be cut off`() throws {
        try folder.write("run", "one\ntw")
        let journal = try files.openJournal(folder("run"), false)
        try journal.truncate(4)
        try journal.append(Array("two\n".utf8), true)
        #expect(try folder.text("run") == "one\ntwo\n")
    }

    @Test func `a closed journal takes nothing`() throws {
        let journal = try files.openJournal(folder("run"), true)
        journal.close()
        journal.close()
        #expect(throws: FileFailure.self) { try journal.append([65], false) }
    }

    @Test func `a record that does not fit leaves nothing of itself`() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            let journal = try World.live().files.openJournal(folder("run"), true)
            try journal.append(Array("one\n".utf8), true)
            limitFileSize(to: 10)
            let failure = #expect(throws: FileFailure.self) {
                try journal.append(Array("much too long\n".utf8), true)
            }
            #expect(failure?.message == "cannot write \(folder("run")): File too large")
            #expect(try folder.text("run") == "one\n")
            try journal.append(Array("two\n".utf8), true)
            #expect(try folder.text("run") == "one\ntwo\n")
        }
    }

    @Test func `a link is refused`() throws {
        try folder.write("victim", "kept")
        symlink(folder("victim"), folder("run"))
        for isNew in [false, true] {
            #expect(throws: FileFailure.self) { _ = try files.openJournal(folder("run"), isNew) }
        }
        #expect(try folder.text("victim") == "kept")
    }

    @Test func `a FIFO is refused without waiting`() {
        mkfifo(folder("run"), 0o600)
        let failure = #expect(throws: FileFailure.self) {
            _ = try files.openJournal(folder("run"), false)
        }
        #expect(failure?.reason == .unsafe)
    }

    @Test func `a journal with a second name is refused`() throws {
        try folder.write("run", "")
        link(folder("run"), folder("other"))
        let failure = #expect(throws: FileFailure.self) {
            _ = try files.openJournal(folder("run"), false)
        }
        #expect(failure?.message == "cannot open \(folder("run")): it has a second name")
    }

    @Test func `a journal that others may write to is refused`() throws {
        try folder.write("run", "", mode: 0o620)
        let failure = #expect(throws: FileFailure.self) {
            _ = try files.openJournal(folder("run"), false)
        }
        #expect(
            failure?.message
                == "cannot open \(folder("run")): others may write to it (mode 0620)")
    }

    @Test func `a journal of another user is refused`() throws {
        guard geteuid() == 0 else { return print("skipped: only root can give files away") }
        try folder.write("run", "")
        chown(folder("run"), 1234, 1234)
        let failure = #expect(throws: FileFailure.self) {
            _ = try files.openJournal(folder("run"), false)
        }
        #expect(failure?.reason == .unsafe)
    }
}
