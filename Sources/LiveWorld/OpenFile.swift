import Contracts
import Glibc

/// Opens a file that children do not inherit. Never follows a link in the last place and never waits
/// for the other end of a FIFO.
func openFile(
    _ path: String, _ flags: Int32, in folder: Int32 = AT_FDCWD
) throws(Refusal) -> Int32 {
    let safe = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
    return try checked { openat(folder, path, flags | safe, 0o600) }
}

/// Follows a link in the last place.
func openToRead(_ path: String) throws(Refusal) -> Int32 {
    try checked { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) }
}

func openFolder(_ path: String) throws(Refusal) -> Int32 {
    try checked { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
}

func fileStatus(of file: Int32) throws(Refusal) -> stat {
    var status = stat()
    try checked { fstat(file, &status) }
    return status
}

func checkPlain(_ status: stat) throws(Refusal) {
    guard status.st_mode & S_IFMT == S_IFREG else {
        throw Refusal(.unsafe, "it is not a plain file")
    }
}

/// Refuses what somebody else could have put there or could change under us.
@discardableResult
func checkOurs(_ file: Int32) throws(Refusal) -> stat {
    let status = try fileStatus(of: file)
    try checkPlain(status)
    try checkOwner(status)
    guard status.st_nlink == 1 else { throw Refusal(.unsafe, "it has a second name") }
    return status
}

func checkOwner(_ status: stat) throws(Refusal) {
    guard status.st_uid == geteuid() else {
        throw Refusal(.unsafe, "it belongs to user \(status.st_uid), not to us")
    }
    guard status.st_mode & 0o022 == 0 else {
        throw Refusal(.unsafe, "others may write to it (mode \(octal(status.st_mode & 0o7777)))")
    }
}

func writeAll(_ bytes: [UInt8], to file: Int32) throws(Refusal) {
    var written = 0
    while written < bytes.count {
        written += try checked {
            bytes[written...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        }
    }
}

/// Makes the names in a folder survive a power cut.
func flushFolder(_ folder: Int32) throws(Refusal) {
    try checked { fsync(folder) }
}

/// The folder that holds a path, and its name there.
func place(of path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = slash == path.startIndex ? "/" : String(path[..<slash])
    return (folder, String(path[path.index(after: slash)...]))
}

private func octal(_ mode: mode_t) -> String {
    let digits = String(mode, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}
