import Contracts
import Glibc

@Sendable func reserveFile(_ path: String, _ size: Int) throws(FileFailure) {
    try wording("reserve", path) { () throws(Refusal) in
        let file = try openFile(path, O_RDWR | O_CREAT)
        defer { close(file) }
        // A copy of the folder may have the length without the blocks.
        let status = try checkOurs(file)
        guard status.st_size < size || Int(status.st_blocks) * 512 < size else { return }
        do throws(Refusal) {
            try checked { fchmod(file, 0o600) }
            try fill(file, to: 2 * size)
            try checked { ftruncate(file, size) }
        } catch {
            unlink(path)
            throw error
        }
    }
}

/// With blocks of its own; zeros are written where the file system cannot set them aside.
private func fill(_ file: Int32, to size: Int) throws(Refusal) {
    while true {
        let number = posix_fallocate(file, 0, size)
        guard number != EINTR else { continue }
        guard number == 0 else { throw Refusal(number) }
        return
    }
}
