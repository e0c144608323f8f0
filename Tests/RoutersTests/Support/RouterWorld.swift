import Contracts
import Foundation
import Synchronization
import TestWorld
import Testing

/// The doors a router may use: sockets as given, real files, locks inside this process. All others stay
/// locked.
enum RouterWorld {
    static func world(
        streams: Streams = Streams { (request) throws(StreamFailure) in
            Issue.record("nobody should ask \(request.endpoint)")
            throw StreamFailure(mayHaveActed: false, "locked")
        },
        files: Files = realFiles, locks: Locks = locks()
    ) -> World {
        let process = ProcessIdentity(pid: 1, startTime: 1, bootID: "boot")
        return World(
            time: Time(
                now: { .zero }, wall: { WallTime(milliseconds: 0) }, sleep: { _ in }),
            files: files, locks: locks,
            processes: Processes(
                run: { (_) throws(Failure) in throw Failure(.commandNotFound, "locked") },
                end: { _, _ in false }, isAlive: { _ in false },
                start: { (_) throws(Failure) in throw Failure(.commandNotFound, "locked") },
                facts: { _ in nil }, kin: { _ in [] }, listener: { _, _ in nil }),
            http: HTTP { (_) throws(HTTPFailure) in throw HTTPFailure(.refused, "locked") },
            streams: streams,
            host: Host(
                name: "test", user: "test", bootID: "boot", process: process,
                workingDirectory: "/", environment: { _ in nil }, randomBits: { 0 }))
    }

    /// A proxy with a disk in memory that answers at paths: `page` makes a whole answer of one.
    static func world(
        of disk: MemoryFiles, _ page: @escaping @Sendable (String) -> String
    ) -> World {
        world(
            streams: Streams { (request) throws(StreamFailure) in
                let words = String(decoding: request.bytes, as: UTF8.self).split(separator: " ")
                return Array(page(String(words[1])).utf8)
            }, files: disk.files, locks: disk.locks)
    }

    static func locks() -> Locks {
        let held = HeldNames()
        return Locks(
            take: { (path) throws(FileFailure) in
                guard held.insert(path) else { return nil }
                return HeldLock { held.remove(path) }
            },
            isHeld: { (path) throws(FileFailure) in held.contains(path) })
    }

    static let realFiles = Files(
        read: { (path, limit) throws(FileFailure) in
            guard let contents = FileManager.default.contents(atPath: path) else {
                throw FileFailure(
                    status(of: path) == nil ? .notFound : .denied, "cannot read \(path)")
            }
            guard contents.count <= limit else { throw FileFailure(.tooLarge, "too large") }
            return [UInt8](contents)
        },
        readEnd: { (_, _) throws(FileFailure) in throw FileFailure(.other, "locked") },
        follow: { (path) throws(FileFailure) in
            let content: @Sendable () -> Data = {
                FileManager.default.contents(atPath: path) ?? Data()
            }
            guard status(of: path) != nil else {
                throw FileFailure(.notFound, "cannot read \(path)")
            }
            return FollowedFile(
                length: { content().count },
                read: { offset, limit in [UInt8](content().dropFirst(offset).prefix(limit)) },
                isReplaced: { false })
        },
        replace: { (path, bytes, mode) throws(FileFailure) in
            let mode = status(of: path)?.mode ?? mode
            do {
                try Data(bytes).write(to: URL(filePath: path), options: .atomic)
            } catch {
                throw FileFailure(.other, "cannot write \(path)")
            }
            // Whatever the umask: a proxy in this process may narrow it for a moment.
            guard chmod(path, mode) == 0 else { throw FileFailure(.other, "cannot write \(path)") }
        },
        replaceCache: { (_, _, _) throws(FileFailure) in throw FileFailure(.other, "locked") },
        rename: { (path, name) throws(FileFailure) in
            let folder = (path as NSString).deletingLastPathComponent
            guard rename(path, "\(folder)/\(name)") == 0 else {
                throw FileFailure(.other, "cannot rename \(path)")
            }
        },
        readLink: { (path) throws(FileFailure) in
            do {
                return try FileManager.default.destinationOfSymbolicLink(atPath: path)
            } catch {
                guard status(of: path) == nil else { throw FileFailure(.unsafe, "no link") }
                return nil
            }
        },
        replaceLink: { (path, target) throws(FileFailure) in
            guard symlink(target, path + ".aside") == 0, rename(path + ".aside", path) == 0 else {
                throw FileFailure(.other, "cannot replace the link \(path)")
            }
        },
        openJournal: { (_, _) throws(FileFailure) in throw FileFailure(.other, "locked") },
        reserve: { (_, _) throws(FileFailure) in throw FileFailure(.other, "locked") },
        createPrivateFolder: { (_) throws(FileFailure) in throw FileFailure(.other, "locked") },
        list: { (path) throws(FileFailure) in
            guard FileManager.default.fileExists(atPath: path) else { return [] }
            do {
                return try FileManager.default.contentsOfDirectory(atPath: path)
            } catch {
                throw FileFailure(.denied, "cannot list \(path)")
            }
        },
        status: { (path) throws(FileFailure) in status(of: path) },
        remove: { (_) throws(FileFailure) in throw FileFailure(.other, "locked") })

    private static func status(of path: String) -> FileStatus? {
        var entry = stat()
        guard lstat(path, &entry) == 0 else { return nil }
        let kind: FileStatus.Kind =
            switch entry.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .link
            default: .other
            }
        return FileStatus(
            kind: kind, size: Int(entry.st_size), mode: UInt32(entry.st_mode & 0o7777),
            userID: entry.st_uid,
            modified: WallTime(
                milliseconds: Int64(entry.st_mtim.tv_sec) * 1000
                    + Int64(entry.st_mtim.tv_nsec) / 1_000_000))
    }
}

private final class HeldNames: Sendable {
    private let names = Mutex<Set<String>>([])

    func insert(_ name: String) -> Bool { names.withLock { $0.insert(name).inserted } }
    func remove(_ name: String) { names.withLock { _ = $0.remove(name) } }
    func contains(_ name: String) -> Bool { names.withLock { $0.contains(name) } }
}
