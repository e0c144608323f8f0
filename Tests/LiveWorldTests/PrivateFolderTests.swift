import Contracts
import Glibc
import Testing

@testable import LiveWorld

@Suite struct PrivateFolderTests {
    let folder: TemporaryFolder
    let files = World.live().files

    init() throws { folder = try TemporaryFolder() }

    private func refusal(_ name: String) -> FileFailure? {
        #expect(throws: FileFailure.self) { try files.createPrivateFolder(folder(name)) }
    }

    @Test(arguments: [mode_t(0), 0o777])
    func `all that is missing is created for us alone whatever the umask`(mask: mode_t) async {
        await #expect(processExitsWith: .success) { [mask] in
            let folder = try TemporaryFolder()
            umask(mask)
            let files = World.live().files
            try files.createPrivateFolder(folder("a/b/c"))
            for name in ["a", "a/b", "a/b/c"] {
                #expect(try files.status(folder(name))?.mode == 0o700)
            }
        }
    }

    @Test func `an existing folder of ours stays as it is`() throws {
        mkdir(folder("a"), 0o755)
        chmod(folder("a"), 0o755)
        try files.createPrivateFolder(folder("a"))
        #expect(try files.status(folder("a"))?.mode == 0o755)
    }

    @Test(arguments: [(mode_t(0o770), "0770"), (0o702, "0702")])
    func `a folder that others may write to is refused`(mode: mode_t, text: String) {
        mkdir(folder("a"), 0o700)
        chmod(folder("a"), mode)
        let failure = refusal("a")
        #expect(failure?.reason == .unsafe)
        #expect(
            failure?.message
                == "cannot use folder \(folder("a")): others may write to it (mode \(text))")
    }

    @Test func `a link to a folder is refused`() {
        symlink(folder.path, folder("a"))
        #expect(refusal("a")?.reason == .unsafe)
    }

    @Test func `a file in its place is refused`() throws {
        try folder.write("a", "")
        #expect(refusal("a")?.reason == .unsafe)
    }

    @Test func `a folder of another user is refused`() {
        guard geteuid() == 0 else { return print("skipped: only root can give folders away") }
        mkdir(folder("a"), 0o700)
        chown(folder("a"), 1234, 1234)
        #expect(
            refusal("a")?.message
                == "cannot use folder \(folder("a")): it belongs to user 1234, not to us")
    }
}
