import Glibc

/// Linux calls that the Glibc module does not show.
///
/// They are looked up by name; the numbers are the same on every architecture.
enum LinuxCalls {
    private typealias Reserve = @convention(c) (Int32, Int32, Int, Int) -> Int32
    private typealias AddFolder =
        @convention(c) (
            UnsafeMutablePointer<posix_spawn_file_actions_t>, UnsafePointer<CChar>
        ) -> Int32
    private typealias AddClosing =
        @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
    private typealias Call = @convention(c) (Int, Int, Int, Int, Int) -> Int

    /// For the flags of `posix_spawn`: the child begins a session.
    static let spawnsInNewSession: Int16 = 0x80

    private static let keepSize: Int32 = 1
    private static let pidfdSendSignal = 424
    private static let pidfdOpen = 434

    private static let call: Call? = dlsym(nil, "syscall").map {
        unsafeBitCast($0, to: Call.self)
    }

    /// Sets blocks aside for a file without changing its length, where the file system can.
    static func reserve(_ file: Int32, bytes: Int) {
        guard let symbol = dlsym(nil, "fallocate") else { return }
        _ = unsafeBitCast(symbol, to: Reserve.self)(file, keepSize, 0, bytes)
    }

    /// A descriptor that stands for this process and never for a later one with the same number.
    static func openProcess(_ pid: Int32) throws(Refusal) -> Int32 {
        try checked { invoke(pidfdOpen, Int(pid), 0) }
    }

    static func send(_ signal: Int32, to process: Int32) throws(Refusal) {
        try checked { invoke(pidfdSendSignal, Int(process), Int(signal)) }
    }

    /// A file action of `posix_spawn`: work in this folder.
    static func addFolder(
        _ path: String, to actions: inout posix_spawn_file_actions_t
    ) throws(Refusal) {
        guard let symbol = dlsym(nil, "posix_spawn_file_actions_addchdir_np") else {
            throw Refusal(ENOSYS)
        }
        let number = unsafeBitCast(symbol, to: AddFolder.self)(&actions, path)
        guard number == 0 else { throw Refusal(number) }
    }

    /// A file action of `posix_spawn`: close this descriptor and all above it.
    static func addClosing(
        from descriptor: Int32, to actions: inout posix_spawn_file_actions_t
    ) throws(Refusal) {
        guard let symbol = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else {
            throw Refusal(ENOSYS)
        }
        let number = unsafeBitCast(symbol, to: AddClosing.self)(&actions, descriptor)
        guard number == 0 else { throw Refusal(number) }
    }

    private static func invoke(_ number: Int, _ first: Int, _ second: Int) -> Int32 {
        guard let call else {
            errno = ENOSYS
            return -1
        }
        return Int32(truncatingIfNeeded: call(number, first, second, 0, 0))
    }
}
