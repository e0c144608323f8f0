import Contracts
import Glibc

@Sendable func followFile(_ path: String) throws(FileFailure) -> FollowedFile {
    let log = try wording("read", path) { () throws(Refusal) in
        let log = FollowedLog(path, try openToRead(path))
        try checkPlain(try log.status())
        return log
    }
    return FollowedFile(
        length: { () throws(FileFailure) in
            try wording("read", path) { () throws(Refusal) in try log.status().st_size }
        },
        read: { offset, limit throws(FileFailure) in
            try wording("read", path) { () throws(Refusal) in try log.read(offset, limit) }
        },
        isReplaced: { () throws(FileFailure) in
            try wording("look at", path) { () throws(Refusal) in try log.isReplaced() }
        })
}

/// An open file that others append to and rename.
private final class FollowedLog: Sendable {
    private let path: String
    private let file: Int32

    init(_ path: String, _ file: Int32) {
        self.path = path
        self.file = file
    }

    deinit { close(file) }

    func status() throws(Refusal) -> stat { try fileStatus(of: file) }

    func read(_ offset: Int, _ limit: Int) throws(Refusal) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = try checked { pread(file, &bytes, limit, offset) }
        return Array(bytes[..<count])
    }

    func isReplaced() throws(Refusal) -> Bool {
        let own = try status()
        var named = stat()
        guard stat(path, &named) == 0 else {
            let refusal = Refusal(errno)
            guard refusal.reason == .notFound else { throw refusal }
            return false
        }
        return (named.st_dev, named.st_ino) != (own.st_dev, own.st_ino)
    }
}
