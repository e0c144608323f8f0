import Contracts
import PipelineModel

/// The files of one service and stage, by name.
struct StateFolder: Sendable {
    /// Far above any journal that this program writes.
    private static let largestFile = 64 << 20

    let path: String
    let world: World

    var lock: String { path + "/lock" }
    var runs: String { path + "/runs" }
    var spare: Spare { Spare(in: path, world.files) }
    private var stateFile: String { path + "/state.json" }

    /// The same for what must be written also on a full disk.
    var givingUpSpare: StateFolder { StateFolder(path: path, world: world.giving(up: spare)) }

    func journal(_ name: RunName) -> String { "\(runs)/\(name.file)" }
    func owner(_ name: RunName) -> String { "\(runs)/\(name.id).owner" }

    func create() throws(FileFailure) {
        try world.files.createPrivateFolder(path)
        try world.files.createPrivateFolder(runs)
    }

    /// `nil` where there is no such run.
    func reading(_ name: RunName) throws(FileFailure) -> JournalReading? {
        guard let bytes = try contents(journal(name)) else { return nil }
        let readings = world.readings
        return readings.value(of: bytes, Array(name.text.utf8)) {
            JournalReading(bytes, name: name, readings: readings)
        }
    }

    /// A flush that failed may have lost lines, and later ones do not tell: the first `length` bytes are
    /// written anew. Whoever has the file open must not write into it any more.
    func writeAnew(_ name: RunName, length: Int = .max) throws(FileFailure) {
        guard let bytes = try contents(journal(name)) else { return }
        try world.files.replace(journal(name), Array(bytes.prefix(length)), 0o600)
    }

    func state() throws(FileFailure) -> StateFile? {
        try contents(stateFile).flatMap { bytes in
            world.readings.value(of: bytes) { StateFile(bytes) }
        }
    }

    func write(_ state: StateFile) throws(Failure) {
        let bytes = try state.bytes()
        try writing { () throws(FileFailure) in
            try world.files.replaceCache(stateFile, bytes, 0o600)
        }
    }

    /// The runs from `oldest` on, oldest first: takes as long as there are runs.
    func names(from oldest: RunName? = nil) throws(FileFailure) -> [RunName] {
        // As text first: a hundred thousand names are compared faster than they are understood.
        let start = oldest?.file ?? ""
        return try world.files.list(runs).filter { $0 >= start }
            .compactMap { RunName(file: $0) }.sorted()
    }

    /// The names of all files of runs that are older than `end`, newest first, not yet understood.
    func files(before end: RunName?) throws(FileFailure) -> [String] {
        let names = try world.files.list(runs)
        guard let end else { return names.sorted(by: >) }
        return names.filter { $0 < end.file }.sorted(by: >)
    }

    /// The newest run: a few microseconds where `state.json` names it, else a listing.
    func newest() throws(FileFailure) -> RunName? {
        if let announced = try contents(stateFile).flatMap(StateFile.newest(in:)),
            try world.files.status(journal(announced)) != nil
        {
            return announced
        }
        return try names().last
    }

    /// Whether something was added to the runs that `state` cannot know of: then it is an old one that
    /// was put back.
    func isOutdated(_ state: StateFile) throws(FileFailure) -> Bool {
        guard let added = try modified(runs), let written = try modified(stateFile) else {
            return true
        }
        return try added > max(written, modified(journal(state.newest)) ?? written)
    }

    private func modified(_ path: String) throws(FileFailure) -> WallTime? {
        try world.files.status(path)?.modified
    }

    /// `nil` where there is no such file.
    func contents(_ path: String) throws(FileFailure) -> [UInt8]? {
        do {
            return try world.files.read(path, Self.largestFile)
        } catch {
            guard error.reason == .notFound else { throw error }
            return nil
        }
    }
}

/// Says of a failure in `body` that nothing can be recorded.
func writing<Result>(_ body: () throws(FileFailure) -> Result) throws(Failure) -> Result {
    do {
        return try body()
    } catch {
        throw Failure(
            .recordUnwritable, "The record cannot be written: \(error.message).",
            hint: "Mend that, or name another folder with --state.")
    }
}

/// Says of a failure in `body` that what is recorded is out of reach.
func reading<Result>(_ body: () throws(FileFailure) -> Result) throws(Failure) -> Result {
    do {
        return try body()
    } catch {
        throw Failure(
            .recordCorrupt, "The record cannot be read: \(error.message).",
            hint: error.reason == .denied ? "Repeat this as the user who owns the record." : nil)
    }
}
