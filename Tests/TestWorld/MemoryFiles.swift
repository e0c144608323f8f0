package import Contracts
import Synchronization

/// A disk in memory, with locks: shared by as many "processes" as a test has worlds.
///
/// It knows what survives a power cut (bytes that were flushed, names whose folder was flushed; not what
/// a failed flush was to write, whatever is flushed later) and can fail, or stop the process, at any single operation. Its clock is its own: every change is a
/// millisecond later than the one before.
package final class MemoryFiles: Sendable {
    /// What goes wrong at an operation that was chosen by number.
    package enum Trouble: Sendable {
        /// Fails once; what comes after works.
        case failure(FileFailure.Reason)
        /// From this operation on nothing works any more: the process is gone. If it is a write, so many
        /// of its bytes are written.
        case death(written: Int = 0)
        /// The process stands still before it, and this happens in the meantime.
        case standstill(@Sendable () -> Void)
    }

    private let disk = Mutex(MemoryDisk())

    package init() {}

    // MARK: What tests do to it

    /// Goes wrong at the operation that many from now; 1 is the next one.
    package func prepare(_ trouble: Trouble, at operation: Int) {
        disk.withLock { $0.prepare(trouble, at: operation) }
    }

    /// From now on so many bytes more find room; `nil`: any number.
    package func fill(leaving room: Int?) { disk.withLock { $0.fill(leaving: room) } }

    /// From now on so many more files can be made in that folder and those below it, however small.
    package func crowd(_ folder: String, leaving files: Int) {
        disk.withLock { $0.crowd(folder, leaving: files) }
    }

    /// The process is gone from now on, until `restart`.
    package func die() { disk.withLock { $0.die() } }

    package var isDead: Bool { disk.withLock(\.isDead) }

    /// Whether a prepared failure was met since the last restart.
    package var hasFailed: Bool { disk.withLock(\.hasFailed) }

    /// Another process does `body`, whole, while the one under way stands still with its locks.
    package func standStill(_ body: () -> Void) {
        disk.withLock { $0.stand() }
        body()
        disk.withLock { $0.wake() }
    }

    /// The process that stands still is ended: its locks are free, and it does nothing any more.
    package func endStanding() { disk.withLock { $0.endStanding() } }

    /// The process ended, however it did: locks are free, nothing fails any more. Returns whether the
    /// prepared trouble was met.
    @discardableResult
    package func restart() -> Bool { disk.withLock { $0.restart() } }

    /// Like `restart`, and what was not flushed is lost.
    package func cutPower() {
        disk.withLock {
            $0.restart()
            $0.forgetUnflushed()
        }
    }

    /// The content of a file, to be looked at or changed behind everybody's back.
    package subscript(path: String) -> [UInt8]? {
        get { disk.withLock { $0.bytes(path) } }
        set { disk.withLock { $0.plant(path, newValue) } }
    }

    /// The content of a file as a power cut would leave it.
    package func flushed(_ path: String) -> [UInt8]? {
        disk.withLock { $0.flushedBytes(path) }
    }

    package var flushedPaths: [String] { disk.withLock(\.flushedPaths) }

    /// Where it is what it was, so is every file.
    package var changes: Int { disk.withLock(\.changes) }

    package var paths: [String] { disk.withLock { $0.names.keys.sorted() } }

    package func mode(_ path: String) -> UInt32? {
        disk.withLock { $0.status(path)?.mode }
    }

    package func makeLink(_ path: String, to target: String? = "elsewhere") {
        disk.withLock { $0.plantLink(path, target) }
    }

    package func link(_ path: String) -> String? { disk.withLock { $0.links[path] } }

    package func makeFolder(_ path: String) { disk.withLock { $0.createFolder(path) } }

    /// Everything that was done since the beginning: `flush /state/shop/runs/…`.
    package var log: [String] { disk.withLock { $0.log } }

    /// A disk with the same files, for another fate.
    package func copy() -> MemoryFiles {
        let other = MemoryFiles()
        let content = disk.withLock { $0 }
        other.disk.withLock {
            $0 = content
            $0.restart()
        }
        return other
    }

    // MARK: What the code under test sees

    package var files: Files {
        Files(
            read: { path, limit throws(FileFailure) in try self.read(path, limit) },
            readEnd: { path, limit throws(FileFailure) in
                Array(try self.read(path, .max).suffix(limit))
            },
            follow: { path throws(FileFailure) in try self.follow(path) },
            replace: { path, bytes, mode throws(FileFailure) in
                try self.replace(path, bytes, mode)
            },
            replaceCache: { path, bytes, mode throws(FileFailure) in
                try self.replaceCache(path, bytes, mode)
            },
            rename: { path, name throws(FileFailure) in try self.rename(path, name) },
            readLink: { path throws(FileFailure) in try self.readLink(path) },
            replaceLink: { path, target throws(FileFailure) in
                try self.replaceLink(path, target)
            },
            openJournal: { path, isNew throws(FileFailure) in
                try self.openJournal(path, isNew)
            },
            reserve: { path, size throws(FileFailure) in
                try self.perform("reserve", path) { $0.reserve(path, size) }
            },
            createPrivateFolder: { path throws(FileFailure) in
                try self.perform("create", path) { $0.createFolder(path) }
            },
            list: { path throws(FileFailure) in
                try self.perform("list", path) { $0.list(path) }
            },
            status: { path throws(FileFailure) in
                try self.perform("look at", path) { $0.status(path) }
            },
            remove: { path throws(FileFailure) in
                try self.perform("remove", path) { $0.put(path, nil) }
            })
    }

    package var locks: Locks {
        Locks(
            take: { path throws(FileFailure) in
                try self.perform("lock", path) { disk in
                    if disk.bytes(path) == nil { disk.put(path, []) }
                    guard disk.locks.insert(path).inserted else { return nil }
                    return HeldLock { self.release(path) }
                }
            },
            isHeld: { path throws(FileFailure) in
                try self.perform("ask the lock", path) { $0.locks.contains(path) }
            })
    }

    private func release(_ path: String) {
        _ = disk.withLock { $0.isDead ? nil : $0.locks.remove(path) }
    }

    private func read(_ path: String, _ limit: Int) throws(FileFailure) -> [UInt8] {
        let bytes = try perform("read", path) { $0.bytes(path) }
        guard let bytes else { throw FileFailure(.notFound, "cannot read \(path): not there") }
        guard bytes.count <= limit else {
            throw FileFailure(.tooLarge, "cannot read \(path): too large")
        }
        return bytes
    }

    private func follow(_ path: String) throws(FileFailure) -> FollowedFile {
        _ = try read(path, .max)
        let number = disk.withLock { $0.names[path] }
        return FollowedFile(
            length: { () throws(FileFailure) in
                try self.perform("read", path) { $0.bytes(of: number).count }
            },
            read: { offset, limit throws(FileFailure) in
                try self.perform("read", path) {
                    Array($0.bytes(of: number).dropFirst(offset).prefix(limit))
                }
            },
            isReplaced: { () throws(FileFailure) in
                try self.perform("look at", path) { disk in
                    disk.names[path].map { $0 != number } ?? false
                }
            })
    }

    private func replace(
        _ path: String, _ bytes: [UInt8], _ mode: UInt32
    ) throws(FileFailure) {
        let aside = path + ".aside"
        try perform("write", aside, bytes) { disk, bytes in disk.put(aside, bytes, mode) }
        try perform("flush", aside) { $0.flush(aside) }
        try perform("rename to", path) { $0.putInPlace(aside, of: path) }
        try perform("flush the folder of", path) { $0.flushFolder(of: path) }
    }

    private func rename(_ path: String, _ name: String) throws(FileFailure) {
        let isThere = try perform("rename", path) { $0.rename(path, to: name) }
        guard isThere else { throw FileFailure(.notFound, "cannot rename \(path): not there") }
        try perform("flush the folder of", path) { $0.flushFolder(of: path) }
    }

    private func readLink(_ path: String) throws(FileFailure) -> String? {
        let (target, isThere) = try perform("read the link", path) {
            ($0.links[path], $0.status(path) != nil)
        }
        guard target != nil || !isThere else {
            throw FileFailure(.unsafe, "cannot read the link \(path): it is no symbolic link")
        }
        return target
    }

    private func replaceLink(_ path: String, _ target: String) throws(FileFailure) {
        let aside = path + ".aside"
        try perform("link", aside) { $0.link(aside, target) }
        let isPlaced = try perform("rename to", path) { disk in
            guard disk.status(path).map({ $0.kind == .link }) ?? true else { return false }
            disk.link(aside, nil)
            disk.link(path, target)
            return true
        }
        guard isPlaced else {
            throw FileFailure(.unsafe, "cannot replace the link \(path): it is no symbolic link")
        }
        try perform("flush the folder of", path) { $0.flushFolder(of: path) }
    }

    private func replaceCache(
        _ path: String, _ bytes: [UInt8], _ mode: UInt32
    ) throws(FileFailure) {
        let aside = path + ".aside"
        try perform("write", aside, bytes) { disk, bytes in disk.put(aside, bytes, mode) }
        try perform("rename to", path) { $0.putInPlace(aside, of: path) }
    }

    private func openJournal(_ path: String, _ isNew: Bool) throws(FileFailure) -> AppendingFile {
        let isThere = self[path] != nil
        guard isThere != isNew else {
            throw FileFailure(isNew ? .alreadyExists : .notFound, "cannot open \(path)")
        }
        if isNew {
            try perform("open", path) { $0.put(path, []) }
            try perform("flush the folder of", path) { $0.flushFolder(of: path) }
        }
        let lost = LostFlush()
        return AppendingFile(
            append: { bytes, isDurable throws(FileFailure) in
                if let failure = lost.failure { throw failure }
                do throws(FileFailure) {
                    try self.append(path, bytes, isDurable)
                } catch {
                    if error.isOfFlush { lost.note(error) }
                    throw error
                }
            },
            truncate: { length throws(FileFailure) in
                if let failure = lost.failure { throw failure }
                try self.perform("truncate", path) {
                    $0.put(path, Array(($0.bytes(path) ?? []).prefix(length)), from: length)
                }
            },
            close: {})
    }

    private func append(
        _ path: String, _ bytes: [UInt8], _ isDurable: Bool
    ) throws(FileFailure) {
        let before = self[path] ?? []
        do throws(FileFailure) {
            try perform("append to", path, bytes) {
                $0.put(path, before + $1, from: before.count)
            }
            if isDurable { try perform("flush", path) { $0.flush(path) } }
        } catch {
            disk.withLock { if !$0.isDead { $0.put(path, before, from: before.count) } }
            throw error
        }
    }

    private func perform<Result: Sendable>(
        _ verb: String, _ path: String, _ body: (inout MemoryDisk) -> Result
    ) throws(FileFailure) -> Result {
        try perform(verb, path, []) { disk, _ in body(&disk) }
    }

    private func perform<Result: Sendable>(
        _ verb: String, _ path: String, _ bytes: [UInt8],
        _ body: (inout MemoryDisk, [UInt8]) -> Result
    ) throws(FileFailure) -> Result {
        disk.withLock { $0.takeStandstill() }?()
        return try disk.withLock { $0.perform(verb, path, bytes, body) }.get()
    }
}

/// Once a flush has failed, nothing more is written into the file that is open here.
private final class LostFlush: Sendable {
    private let state = Mutex<FileFailure?>(nil)

    var failure: FileFailure? { state.withLock(\.self) }

    func note(_ failure: FileFailure) {
        state.withLock { $0 = FileFailure(failure.reason, failure.message) }
    }
}
