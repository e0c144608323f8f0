import Contracts
import Glibc

@Sendable func readSymbolicLink(_ path: String) throws(FileFailure) -> String? {
    try wording("read the link", path) { () throws(Refusal) in
        var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
        do throws(Refusal) {
            let count = try checked { readlink(path, &bytes, bytes.count) }
            return String(decoding: bytes[..<count], as: UTF8.self)
        } catch {
            switch error.number {
            case ENOENT, ENOTDIR: return nil
            case EINVAL: throw Refusal(.unsafe, "it is no symbolic link")
            default: throw error
            }
        }
    }
}

/// One that a killed process left aside is written over.
@Sendable func replaceSymbolicLink(_ path: String, _ target: String) throws(FileFailure) {
    try wording("replace the link", path) { () throws(Refusal) in
        let (folderPath, name) = place(of: path)
        let folder = try openFolder(folderPath)
        defer { close(folder) }
        guard try isLinkOrAbsent(name, in: folder) else {
            throw Refusal(.unsafe, "it is no symbolic link")
        }
        let aside = ".\(name).tmp"
        if try isLinkOrAbsent(aside, in: folder) { unlinkat(folder, aside, 0) }
        try checked { symlinkat(target, folder, aside) }
        do throws(Refusal) {
            try checked { renameat(folder, aside, folder, name) }
        } catch {
            unlinkat(folder, aside, 0)
            throw error
        }
        try flushFolder(folder)
    }
}

private func isLinkOrAbsent(_ name: String, in folder: Int32) throws(Refusal) -> Bool {
    var status = stat()
    guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
        guard errno == ENOENT else { throw Refusal(errno) }
        return true
    }
    return status.st_mode & S_IFMT == S_IFLNK
}
