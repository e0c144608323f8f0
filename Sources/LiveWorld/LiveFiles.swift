import Contracts
import Glibc

extension Files {
    static let live = Files(
        read: readFile, readEnd: readEndOfFile, follow: followFile,
        replace: { path, bytes, mode throws(FileFailure) in
            try replaceFile(path, bytes, mode, isDurable: true)
        },
        replaceCache: { path, bytes, mode throws(FileFailure) in
            try replaceFile(path, bytes, mode, isDurable: false)
        },
        rename: renameFile, readLink: readSymbolicLink, replaceLink: replaceSymbolicLink,
        openJournal: openJournalFile, reserve: reserveFile, createPrivateFolder: makePrivateFolder,
        list: listFolder, status: statusOfFile, remove: removeFile)
}

@Sendable func readFile(_ path: String, _ limit: Int) throws(FileFailure) -> [UInt8] {
    try reading(path) { file, size throws(Refusal) in
        guard size <= limit else { throw tooLarge(limit) }
        return try readAll(file, expecting: size, limit: limit)
    }
}

@Sendable private func readEndOfFile(
    _ path: String, _ limit: Int
) throws(FileFailure) -> [UInt8] {
    try reading(path) { file, size throws(Refusal) in
        var bytes = [UInt8](repeating: 0, count: min(size, limit))
        let start = size - bytes.count
        let count = try checked { pread(file, &bytes, bytes.count, start) }
        return Array(bytes[..<count])
    }
}

private func reading(
    _ path: String, _ use: (_ file: Int32, _ size: Int) throws(Refusal) -> [UInt8]
) throws(FileFailure) -> [UInt8] {
    try wording("read", path) { () throws(Refusal) in
        let file = try openToRead(path)
        defer { close(file) }
        let status = try fileStatus(of: file)
        try checkPlain(status)
        return try use(file, status.st_size)
    }
}

/// The size is only a hint: files under /proc say zero, and a file may grow while it is read.
private func readAll(_ file: Int32, expecting size: Int, limit: Int) throws(Refusal) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size)
    var chunk = [UInt8](repeating: 0, count: min(max(size + 1, 4096), 1 << 20))
    while true {
        let count = try checked { read(file, &chunk, chunk.count) }
        guard count > 0 else { return bytes }
        guard bytes.count + count <= limit else { throw tooLarge(limit) }
        bytes += chunk[..<count]
    }
}

private func tooLarge(_ limit: Int) -> Refusal {
    Refusal(.tooLarge, "it is larger than \(limit) bytes")
}

@Sendable private func listFolder(_ path: String) throws(FileFailure) -> [String] {
    guard let folder = opendir(path) else {
        let refusal = Refusal(errno)
        guard refusal.number != ENOENT else { return [] }
        throw FileFailure(refusal.reason, "cannot list \(path): \(refusal.text)")
    }
    defer { closedir(folder) }
    return try wording("list", path) { () throws(Refusal) in try names(in: folder) }
}

private func names(in folder: OpaquePointer) throws(Refusal) -> [String] {
    var names: [String] = []
    while true {
        errno = 0
        guard let entry = readdir(folder) else {
            guard errno == 0 else { throw Refusal(errno) }
            return names
        }
        let name = withUnsafeBytes(of: entry.pointee.d_name) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { names.append(name) }
    }
}

@Sendable private func statusOfFile(_ path: String) throws(FileFailure) -> FileStatus? {
    var status = stat()
    guard lstat(path, &status) == 0 else {
        let refusal = Refusal(errno)
        guard refusal.reason != .notFound else { return nil }
        throw FileFailure(refusal.reason, "cannot look at \(path): \(refusal.text)")
    }
    return FileStatus(status)
}

extension FileStatus {
    fileprivate init(_ status: stat) {
        let kind: Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .link
            default: .other
            }
        let modified = status.st_mtim
        self.init(
            kind: kind, size: Int(status.st_size), mode: status.st_mode & 0o7777,
            userID: status.st_uid,
            modified: WallTime(
                milliseconds: Int64(modified.tv_sec) * 1000 + Int64(modified.tv_nsec) / 1_000_000))
    }
}

@Sendable private func renameFile(_ path: String, _ newName: String) throws(FileFailure) {
    try wording("rename", path) { () throws(Refusal) in
        let (folderPath, name) = place(of: path)
        let folder = try openFolder(folderPath)
        defer { close(folder) }
        try checked { renameat(folder, name, folder, newName) }
        try flushFolder(folder)
    }
}

@Sendable private func removeFile(_ path: String) throws(FileFailure) {
    guard unlink(path) != 0, errno != ENOENT else { return }
    let refusal = Refusal(errno)
    throw FileFailure(refusal.reason, "cannot remove \(path): \(refusal.text)")
}
