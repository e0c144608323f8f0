import Contracts
import Glibc

/// Creates a folder for us alone, and what is missing above it, whatever the umask says.
@Sendable func makePrivateFolder(_ path: String) throws(FileFailure) {
    try wording("use folder", path) { () throws(Refusal) in
        try createMissing(path)
        let folder = try openOwnFolder(path)
        defer { close(folder) }
        try checkOwner(try fileStatus(of: folder))
    }
}

private func openOwnFolder(_ path: String) throws(Refusal) -> Int32 {
    do {
        return try openFile(path, O_RDONLY | O_DIRECTORY)
    } catch {
        // The kernel says ENOTDIR for a link here as well.
        guard error.number == ENOTDIR else { throw error }
        throw Refusal(.unsafe, "it is a symbolic link or no folder")
    }
}

private func createMissing(_ path: String) throws(Refusal) {
    var status = stat()
    guard lstat(path, &status) != 0 else { return }
    guard errno == ENOENT else { throw Refusal(errno) }
    let (above, _) = place(of: path)
    if above != path { try createMissing(above) }
    try create(path, in: above)
}

private func create(_ path: String, in above: String) throws(Refusal) {
    do {
        try checked { mkdir(path, 0o700) }
    } catch {
        // Somebody else was quicker; whether the result is good enough is checked afterwards.
        guard error.number == EEXIST else { throw error }
        return
    }
    try checked { chmod(path, 0o700) }
    let folder = try openFolder(above)
    defer { close(folder) }
    try flushFolder(folder)
}
