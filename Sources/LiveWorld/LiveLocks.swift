import Contracts
import Glibc
import Synchronization

extension Locks {
    static let live = Locks(take: takeLock, isHeld: isLockHeld)
}

@Sendable private func takeLock(_ path: String) throws(FileFailure) -> HeldLock? {
    try wording("lock", path) { () throws(Refusal) in
        let file = try openFile(path, O_RDWR | O_CREAT)
        do throws(Refusal) {
            try checkLock(file, path)
            if try hasLocked(file) { return HeldLock(KernelLock(file)) }
            close(file)
            return nil
        } catch {
            close(file)
            throw error
        }
    }
}

/// A lock is ours. Root, who brings traffic back in the place of the one who deploys, may also take that
/// of whom the folder belongs to, who could replace it anyway, and leaves them a new one.
private func checkLock(_ file: Int32, _ path: String) throws(Refusal) {
    let lock = try fileStatus(of: file)
    let folder = try openFolder(path.lastIndex(of: "/").map { String(path[...$0]) } ?? ".")
    defer { close(folder) }
    let owner = try fileStatus(of: folder)
    guard geteuid() == 0, owner.st_uid != 0, [0, owner.st_uid].contains(lock.st_uid) else {
        try checkOurs(file)
        return
    }
    try checkPlain(lock)
    guard lock.st_nlink == 1 else { throw Refusal(.unsafe, "it has a second name") }
    if lock.st_uid == 0 { try checked { fchown(file, owner.st_uid, owner.st_gid) } }
}

/// Somebody who only looks (`isHeld`) shares the lock for a moment. That is no holder and is waited
/// out; a holder shares with nobody.
private func hasLocked(_ file: Int32) throws(Refusal) -> Bool {
    for _ in 1...1000 {
        if try tryLock(file, LOCK_EX) { return true }
        guard try tryLock(file, LOCK_SH) else { return false }
        try checked { flock(file, LOCK_UN) }
        usleep(200)
    }
    return false
}

@Sendable private func isLockHeld(_ path: String) throws(FileFailure) -> Bool {
    try wording("look at lock", path) { () throws(Refusal) in
        let file: Int32
        do throws(Refusal) {
            file = try openFile(path, O_RDONLY)
        } catch {
            guard error.reason == .notFound else { throw error }
            return false
        }
        defer { close(file) }
        try checkPlain(try fileStatus(of: file))
        return try !tryLock(file, LOCK_SH)
    }
}

private func tryLock(_ file: Int32, _ kind: Int32) throws(Refusal) -> Bool {
    do {
        try checked { flock(file, kind | LOCK_NB) }
        return true
    } catch {
        guard error.number == EWOULDBLOCK else { throw error }
        return false
    }
}

/// Closing the descriptor frees the lock. Nothing else does: forgetting the value keeps it held.
private final class KernelLock: Sendable {
    private let file: Mutex<Int32?>

    init(_ file: Int32) { self.file = Mutex(file) }

    func release() {
        file.withLock { file in
            if let file { close(file) }
            file = nil
        }
    }
}

extension HeldLock {
    fileprivate init(_ lock: KernelLock) {
        self.init(release: { lock.release() })
    }
}
