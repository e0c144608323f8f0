import Contracts

/// What `MemoryFiles` guards: files and names, as they are and as they would be after a power cut.
struct MemoryDisk: Sendable {
    private struct File {
        var bytes: [UInt8] = []
        var flushed: [UInt8] = []
        /// From here on the next flush writes; it takes what is before for written.
        var dirtyFrom = 0
        /// A flush failed, as Linux tells once, and what it was to write is still missing on the disk.
        var isHoled = false
        /// Room that is kept for no content.
        var reserved = 0
        var mode: UInt32
        var modified = 0

        var size: Int { max(bytes.count, reserved) }

        mutating func write(_ content: [UInt8], from start: Int) {
            bytes = content
            dirtyFrom = min(dirtyFrom, start)
            if dirtyFrom == 0 { isHoled = false }
        }

        mutating func flush() {
            if isHoled {
                let start = min(dirtyFrom, bytes.count)
                let kept = Array(flushed.prefix(start))
                let hole = [UInt8](repeating: 0, count: start - kept.count)
                flushed = kept + hole + bytes.dropFirst(start)
            } else {
                flushed = bytes
            }
            dirtyFrom = bytes.count
        }

        /// The flush fails: nothing is written, and later flushes do not try again.
        mutating func lose() {
            if dirtyFrom < bytes.count { isHoled = true }
            dirtyFrom = bytes.count
        }

        mutating func forgetUnflushed() {
            (bytes, dirtyFrom, isHoled) = (flushed, flushed.count, false)
        }
    }

    private var files: [Int: File] = [:]
    /// Paths and the file that each names, now and after a power cut.
    private(set) var names: [String: Int] = [:]
    private var durableNames: [String: Int] = [:]
    private var folders: [String: Int] = [:]
    private var clock = 1_795_000_000_000
    private var operations = 0
    private(set) var isDead = false
    private(set) var log: [String] = []
    /// Symbolic links and what each says, now and after a power cut.
    private(set) var links: [String: String] = [:]
    private var durableLinks: [String: String] = [:]
    var locks: Set<String> = []
    /// How much there may be in all files that have a name.
    private var capacity: Int?
    /// How many names there may be in one folder and those below it, as where inodes are used up.
    private var crowd: (folder: String, limit: Int)?
    private var trouble: (operation: Int, what: MemoryFiles.Trouble)?
    /// The locks of a process that stands still while another one has its turn, and whether that one has
    /// ended it.
    private var standing: (locks: Set<String>, isEnded: Bool)?

    mutating func prepare(_ what: MemoryFiles.Trouble, at operation: Int) {
        trouble = (operations + operation, what)
    }

    mutating func die() { isDead = true }

    @discardableResult
    mutating func restart() -> Bool {
        let wasMet = trouble.map { $0.operation <= operations } ?? false
        (trouble, isDead, locks) = (nil, false, [])
        return wasMet
    }

    /// Whether a prepared failure was met since the last restart.
    var hasFailed: Bool {
        guard let trouble, case .failure = trouble.what else { return false }
        return trouble.operation <= operations
    }

    /// What another process does at the next operation, before that.
    mutating func takeStandstill() -> (@Sendable () -> Void)? {
        guard !isDead, let trouble, trouble.operation == operations + 1,
            case .standstill(let meanwhile) = trouble.what
        else { return nil }
        self.trouble = nil
        return meanwhile
    }

    mutating func stand() { standing = (locks, isEnded: false) }

    mutating func endStanding() {
        guard let held = standing?.locks else { return }
        locks.subtract(held)
        standing?.isEnded = true
    }

    mutating func wake() {
        if standing?.isEnded == true { isDead = true }
        standing = nil
    }

    mutating func forgetUnflushed() {
        names = durableNames
        links = durableLinks
        for file in files.keys { files[file]?.forgetUnflushed() }
        _ = tick()
    }

    mutating func perform<Result>(
        _ verb: String, _ path: String, _ bytes: [UInt8],
        _ body: (inout MemoryDisk, [UInt8]) -> Result
    ) -> Swift.Result<Result, FileFailure> {
        operations += 1
        func gone() -> FileFailure {
            FileFailure(.other, "cannot \(verb) \(path): the process is gone")
        }
        guard !isDead else { return .failure(gone()) }
        log.append("\(verb) \(path)")
        guard let trouble, trouble.operation == operations else {
            return filling(verb, path) { body(&$0, bytes) }
        }
        switch trouble.what {
        case .standstill: return .success(body(&self, bytes))
        case .failure(let reason):
            if verb == "flush", let file = names[path] { files[file]?.lose() }
            return .failure(
                FileFailure(
                    reason, "cannot \(verb) \(path): \(reason)", isOfFlush: verb == "flush"))
        case .death(let written):
            if written > 0, !bytes.isEmpty { _ = body(&self, Array(bytes.prefix(written))) }
            isDead = true
            return .failure(gone())
        }
    }

    /// What finds no room is not done.
    private mutating func filling<Result>(
        _ verb: String, _ path: String, _ body: (inout MemoryDisk) -> Result
    ) -> Swift.Result<Result, FileFailure> {
        guard capacity != nil || crowd != nil else { return .success(body(&self)) }
        let before = self
        let result = body(&self)
        let isFull = capacity.map { used > max($0, before.used) } ?? false
        let isCrowded = crowd.map { crowded > max($0.limit, before.crowded) } ?? false
        guard isFull || isCrowded else { return .success(result) }
        self = before
        return .failure(FileFailure(.noSpace, "cannot \(verb) \(path): the disk is full"))
    }

    private var used: Int { Set(names.values).reduce(0) { $0 + (files[$1]?.size ?? 0) } }

    private var crowded: Int {
        guard let crowd else { return 0 }
        return names.keys.count { $0.hasPrefix(crowd.folder + "/") }
    }

    mutating func fill(leaving room: Int?) { capacity = room.map { used + $0 } }

    mutating func crowd(_ folder: String, leaving files: Int) {
        crowd = (folder, 0)
        crowd = (folder, crowded + files)
    }

    mutating func reserve(_ path: String, _ size: Int) {
        if names[path] == nil { put(path, []) }
        names[path].map { files[$0]?.reserved = size }
    }

    func bytes(_ path: String) -> [UInt8]? {
        links[path] != nil ? nil : names[path].flatMap { files[$0]?.bytes }
    }

    /// What is there after a power cut.
    func flushedBytes(_ path: String) -> [UInt8]? {
        durableNames[path].flatMap { files[$0]?.flushed }
    }

    var flushedPaths: [String] { durableNames.keys.sorted() }

    /// Grows with each change of a file, a name or a folder.
    var changes: Int { clock }

    /// Of a file, whatever its name.
    func bytes(of number: Int?) -> [UInt8] {
        number.flatMap { files[$0]?.bytes } ?? []
    }

    /// `start`: the first byte that is written.
    mutating func put(
        _ path: String, _ bytes: [UInt8]?, _ mode: UInt32 = 0o600, from start: Int = 0
    ) {
        guard let bytes else {
            names[path] = nil
            return touchFolder(of: path)
        }
        let file = names[path] ?? files.count
        if names[path] == nil {
            names[path] = file
            files[file] = File(mode: mode)
            touchFolder(of: path)
        }
        files[file]?.write(bytes, from: start)
        let now = tick()
        files[file]?.modified = now
    }

    /// As if it had always been there.
    mutating func plant(_ path: String, _ bytes: [UInt8]?) {
        createFolder(Self.folder(of: path))
        put(path, bytes)
        flush(path)
        flushFolder(of: path)
    }

    /// The new content keeps the mode of the old one.
    mutating func putInPlace(_ aside: String, of path: String) {
        if let old = names[path].flatMap({ files[$0] }), let file = names[aside] {
            files[file]?.mode = old.mode
        }
        move(aside, to: path)
    }

    /// Whether there was something to rename.
    mutating func rename(_ path: String, to name: String) -> Bool {
        guard names[path] != nil else { return false }
        move(path, to: "\(Self.folder(of: path))/\(name)")
        return true
    }

    private mutating func move(_ path: String, to target: String) {
        names[target] = names.removeValue(forKey: path)
        touchFolder(of: target)
    }

    mutating func flush(_ path: String) {
        guard let file = names[path] else { return }
        files[file]?.flush()
    }

    mutating func flushFolder(of path: String) {
        let folder = Self.folder(of: path)
        for name in Set(names.keys).union(durableNames.keys) where Self.folder(of: name) == folder {
            durableNames[name] = names[name]
        }
        for name in Set(links.keys).union(durableLinks.keys) where Self.folder(of: name) == folder {
            durableLinks[name] = links[name]
        }
    }

    /// `nil` removes it. What else has that name stays beneath it, unseen.
    mutating func link(_ path: String, _ target: String?) {
        links[path] = target
        touchFolder(of: path)
    }

    /// As if it had always been there.
    mutating func plantLink(_ path: String, _ target: String?) {
        link(path, target)
        durableLinks[path] = target
    }

    mutating func createFolder(_ path: String) {
        guard !path.isEmpty, folders[path] == nil else { return }
        createFolder(Self.folder(of: path))
        folders[path] = tick()
        touchFolder(of: path)
    }

    func list(_ path: String) -> [String] {
        Set(Array(names.keys) + folders.keys + links.keys)
            .filter { !$0.isEmpty && Self.folder(of: $0) == path }
            .map { String($0.dropFirst(path.utf8.count + 1)) }
    }

    func status(_ path: String) -> FileStatus? {
        if links[path] != nil { return status(.link, 0, 0o777, 0) }
        if let modified = folders[path] { return status(.folder, 0, 0o700, modified) }
        guard let file = names[path].flatMap({ files[$0] }) else { return nil }
        return status(.file, file.size, file.mode, file.modified)
    }

    private func status(
        _ kind: FileStatus.Kind, _ size: Int, _ mode: UInt32, _ modified: Int
    ) -> FileStatus {
        FileStatus(
            kind: kind, size: size, mode: mode, userID: 1000,
            modified: WallTime(milliseconds: Int64(modified)))
    }

    private mutating func touchFolder(of path: String) {
        let folder = Self.folder(of: path)
        if folders[folder] != nil { folders[folder] = tick() }
    }

    private mutating func tick() -> Int {
        clock += 1
        return clock
    }

    private static func folder(of path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }
}
