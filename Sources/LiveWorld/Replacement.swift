import Contracts
import Glibc

func replaceFile(
    _ path: String, _ bytes: [UInt8], _ mode: UInt32, isDurable: Bool
) throws(FileFailure) {
    try wording("write", path) { () throws(Refusal) in
        let (folderPath, name) = place(of: path)
        let folder = try openFolder(folderPath)
        defer { close(folder) }
        try Replacement(folder: folder, name: name, isDurable: isDurable)
            .perform(bytes, mode: mode)
    }
}

/// A new content for a file, written aside under a fixed name and put in place in one step.
///
/// The file aside is locked while it is written, so what a killed process left behind can be told from
/// what another process is writing now. It is written over, or removed where it was given away already:
/// a file that others own or may write to is never written.
private struct Replacement {
    let folder: Int32
    let name: String
    let isDurable: Bool

    private var asideName: String { ".\(name).tmp" }

    func perform(_ bytes: [UInt8], mode: UInt32) throws(Refusal) {
        let existing = try existingStatus()
        let aside = try openAside()
        defer { close(aside) }
        do {
            try fill(aside, with: bytes, like: existing, mode: mode)
            try checked { renameat(folder, asideName, folder, name) }
        } catch {
            unlinkat(folder, asideName, 0)
            throw error
        }
        if isDurable { try flushFolder(folder) }
    }

    private func existingStatus() throws(Refusal) -> stat? {
        var status = stat()
        guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            guard errno == ENOENT else { throw Refusal(errno) }
            return nil
        }
        guard status.st_mode & S_IFMT != S_IFLNK else { throw Refusal(ELOOP) }
        try checkPlain(status)
        return status
    }

    private func openAside() throws(Refusal) -> Int32 {
        var wasRemoved = false
        while true {
            let aside = try openFile(asideName, O_WRONLY | O_CREAT, in: folder)
            do throws(Refusal) {
                if let status = try lockedStatus(of: aside) {
                    guard isGivenAway(status) else { return aside }
                    // A file system that gives away what is made on it will do so again.
                    if wasRemoved { try checkOwner(status) }
                    try checked { unlinkat(folder, asideName, 0) }
                    wasRemoved = true
                }
                close(aside)
            } catch {
                removeIfOurs(aside)
                close(aside)
                throw error
            }
        }
    }

    /// From here on no other process writes it; `nil` where that one has put it in place, or removed it.
    private func lockedStatus(of aside: Int32) throws(Refusal) -> stat? {
        try lock(aside)
        let status = try fileStatus(of: aside)
        try checkPlain(status)
        guard status.st_nlink <= 1 else { throw Refusal(.unsafe, "it has a second name") }
        return try isStillAside(status) ? status : nil
    }

    /// What could not be locked or looked at must not stay behind, where a second look is certain that
    /// nobody else is writing it.
    private func removeIfOurs(_ aside: Int32) {
        // Losing the error is right: the first one is told, and what stays is written over later.
        guard (try? lockedStatus(of: aside)) != nil else { return }
        unlinkat(folder, asideName, 0)
    }

    /// A process that was killed just before it put the file in place had given it the owner and mode of
    /// the old one.
    private func isGivenAway(_ status: stat) -> Bool {
        status.st_uid != geteuid() || status.st_mode & 0o022 != 0
    }

    private func lock(_ aside: Int32) throws(Refusal) {
        do {
            try checked { flock(aside, LOCK_EX | LOCK_NB) }
        } catch {
            guard error.number == EWOULDBLOCK else { throw error }
            throw Refusal(.other, "another process is writing it")
        }
    }

    /// Between opening and locking, another process may have put the file in place or removed it.
    private func isStillAside(_ opened: stat) throws(Refusal) -> Bool {
        var status = stat()
        guard fstatat(folder, asideName, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            guard errno == ENOENT else { throw Refusal(errno) }
            return false
        }
        return status.st_ino == opened.st_ino && status.st_dev == opened.st_dev
    }

    private func fill(
        _ aside: Int32, with bytes: [UInt8], like existing: stat?, mode: UInt32
    ) throws(Refusal) {
        try checked { ftruncate(aside, 0) }
        if let existing {
            let own = try fileStatus(of: aside)
            if existing.st_uid != own.st_uid || existing.st_gid != own.st_gid {
                try checked { fchown(aside, existing.st_uid, existing.st_gid) }
            }
        }
        try checked { fchmod(aside, existing.map { $0.st_mode & 0o7777 } ?? mode) }
        try writeAll(bytes, to: aside)
        if isDurable { try checked { fsync(aside) } }
    }
}
