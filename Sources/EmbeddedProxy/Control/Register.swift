import Contracts
import Logging
import PipelineModel
import Synchronization

/// The one value that decides where traffic goes: fenced by its token, and on disk before it counts.
actor Register {
    enum Answer: Hashable, Sendable {
        /// In effect and durable.
        case applied
        /// In effect and in its file, but a power cut may undo it; the text says why.
        case appliedNotDurable(String)
        /// This token is held, higher or with another value; nothing was changed.
        case stale(Token)
        /// Nothing was changed; the text says why.
        case refused(String)
        /// The former value is in effect, and what a restart begins with is not known.
        case unknown(String)
    }

    /// The file may not survive a power cut.
    private struct Unflushed {
        let why: String
        /// What was live when the file was certain for the last time.
        let former: Color
    }

    /// How long requests may be held: a request that waits longer is given up by the proxy.
    static let longestPause = ProxyLimits().hold

    private struct State {
        var held: RegisterRecord
        var unflushed: Unflushed?
        var isWriting = false
        /// How many writes have begun.
        var writes = 0
    }

    /// Writes wait for the disk here, where nobody else has to wait with them.
    private static let disk = ThreadExecutor()
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        Self.disk.asUnownedSerialExecutor()
    }

    /// Read by every request.
    nonisolated let routing: Routing
    /// Changed by nobody but the actor; whoever asks does not wait for it.
    private let state: Mutex<State>
    private let files: RegisterFiles
    private let log: Logger
    /// Counts the pauses, so that the end of one does not end the next.
    private var pauses = 0

    /// Begins with the last record in `folder`, which must exist; with blue where there never was one.
    /// `address` is the folder that belongs to the address that is served.
    ///
    /// - Throws: where a record was there and none is readable, or where this address was served with
    ///   another register: guessing could send users to the wrong colour.
    init(in folder: String, address: String, files: Files, log: Logger) throws(Failure) {
        self.files = RegisterFiles(folder: folder, address: address, files: files)
        self.log = log
        let first = try Self.start(from: self.files, log)
        state = Mutex(State(held: first))
        routing = Routing(first.route(isPaused: false))
    }

    nonisolated var record: RegisterRecord { state.withLock(\.held) }
    nonisolated var isPaused: Bool { routing.current.isPaused }
    private var held: RegisterRecord { record }

    /// Notes that the address is served with this register from now on.
    func remember() throws(Failure) {
        do throws(FileFailure) {
            try files.remember()
        } catch {
            throw Self.cannotStart(error)
        }
    }

    /// Writes `datum` unless a newer one is held, or another one with its token. A split ends with the datum that it belonged to; a share
    /// of the datum itself begins with it.
    ///
    /// The same datum again is harmless, and mends a damaged file.
    func write(_ datum: Datum) -> Answer {
        let token = held.datum.token
        guard datum.token >= token else { return .stale(token) }
        let wanted = RegisterRecord(datum)
        let isHeld = wanted.datum == held.datum && (wanted.split ?? held.split) == held.split
        guard datum.token > token || isHeld else { return .stale(token) }
        return keep(isHeld ? held : wanted)
    }

    /// Sends a part of the requests to idle, or `nil` for none, as long as the datum with this token
    /// holds.
    func split(_ split: Split?, token: Token) -> Answer {
        guard token == held.datum.token else {
            return token < held.datum.token
                ? .stale(held.datum.token) : .refused("nobody has written the token \(token)")
        }
        guard split == nil || !held.datum.isIdleClaimed else {
            return .refused("\(held.datum.live.other) is claimed by a deployment")
        }
        return keep(RegisterRecord(datum: held.datum, split: split))
    }

    /// Holds new requests until `resume`. Returns what ends exactly this pause.
    func pause() -> Int {
        pauses += 1
        routing.replace(with: held.route(isPaused: true))
        return pauses
    }

    /// Lets requests through again; a `pause` that was followed by another one is left alone.
    func resume(_ pause: Int? = nil) {
        guard pause ?? pauses == pauses else { return }
        routing.replace(with: held.route(isPaused: false))
    }

    /// What a restart, or a start after a power cut, would begin with, compared with what is in effect.
    /// Reads the disk, and waits for no write.
    nonisolated func durable() -> Observation.Durable {
        let before = state.withLock { $0 }
        let durable = durable(before)
        let isSettled = state.withLock { !$0.isWriting && $0.writes == before.writes }
        return isSettled ? durable : .unknown("\(files.main) is being written")
    }

    private nonisolated func durable(_ state: State) -> Observation.Durable {
        let held = state.held
        return switch files.read(files.main) {
        case .record(held): state.unflushed.map { Self.afterPowerCut($0, held) } ?? .same
        case .record(let other) where other.datum.live == held.datum.live:
            .unknown("\(files.main) holds the token \(other.datum.token)")
        case .record(let other): .differs(.color(other.datum.live))
        case .absent: .unknown("\(files.main) is gone; \(copyWords(beside: held))")
        case .damaged(let why): .unknown("\(why); \(copyWords(beside: held))")
        }
    }

    private static func afterPowerCut(
        _ unflushed: Unflushed, _ held: RegisterRecord
    ) -> Observation.Durable {
        unflushed.former == held.datum.live
            ? .unknown(unflushed.why) : .differs(.color(unflushed.former))
    }

    private nonisolated func copyWords(beside held: RegisterRecord) -> String {
        switch files.read(files.copy) {
        case .record(held): "its copy counts"
        case .record(let other): "its copy holds the token \(other.datum.token)"
        case .absent: "there is no copy"
        case .damaged(let why): why
        }
    }

    private func keep(_ record: RegisterRecord) -> Answer {
        state.withLock {
            $0.isWriting = true
            $0.writes += 1
        }
        defer { state.withLock { $0.isWriting = false } }
        do throws(FileFailure) {
            try files.write(record, over: held)
        } catch {
            log.error("The register was not written: \(error.message)")
            return settle(record, after: error.message)
        }
        state.withLock { $0.unflushed = nil }
        takeEffect(record)
        return .applied
    }

    /// The file may hold the new record although writing it failed. What is in effect follows the file,
    /// so that a restart changes nothing.
    private func settle(_ record: RegisterRecord, after trouble: String) -> Answer {
        switch files.read(files.main) {
        case .record(record):
            if record != held { doubt(trouble) }
            takeEffect(record)
            return state.withLock(\.unflushed).map { .appliedNotDurable($0.why) } ?? .applied
        case .record(held):
            copy(held)
            return .refused(trouble)
        case .record, .absent, .damaged:
            doubt(trouble)
            return .unknown(trouble)
        }
    }

    private func doubt(_ trouble: String) {
        state.withLock {
            let former = $0.unflushed?.former ?? $0.held.datum.live
            $0.unflushed = Unflushed(why: trouble, former: former)
        }
    }

    private func takeEffect(_ record: RegisterRecord) {
        state.withLock { $0.held = record }
        routing.replace(with: record.route(isPaused: isPaused))
        copy(record)
        let claim = record.datum.isIdleClaimed ? ", idle is claimed" : ""
        log.info("\(record.datum.live) is live\(claim) (token \(record.datum.token))")
    }

    private func copy(_ record: RegisterRecord) {
        Self.copy(record, in: files, log)
    }

    private static func copy(_ record: RegisterRecord, in files: RegisterFiles, _ log: Logger) {
        do throws(FileFailure) {
            try files.writeCopy(record)
        } catch {
            // It is there once; the next write tries again.
            log.warning("The copy of the register was not written: \(error.message)")
        }
    }

    private static func start(
        from files: RegisterFiles, _ log: Logger
    ) throws(Failure) -> RegisterRecord {
        switch (files.read(files.main), files.read(files.copy)) {
        case (.record(let main), .record(let copy)) where copy.datum.token > main.datum.token:
            return try mend("\(files.main) is older than its copy", with: copy, in: files, log)
        case (.record(let main), let second):
            if second != .record(main) { copy(main, in: files, log) }
            return main
        case (.absent, .absent): return try firstDay(files, log)
        case (.damaged(let why), .record(let copy)):
            return try mend(why, with: copy, in: files, log)
        case (.absent, .record(let copy)):
            return try mend("\(files.main) is gone", with: copy, in: files, log)
        case (.damaged(let why), .absent), (.damaged(let why), .damaged),
            (.absent, .damaged(let why)):
            throw Failure(
                .proxyNotStarted, "Which colour was live cannot be read any more.",
                evidence: [why],
                hint:
                    "Remove \(files.main), \(files.copy) and \(files.note): the proxy then begins "
                    + "with blue.")
        }
    }

    /// The file holds what its copy holds before anything is served: the next write removes the copy.
    private static func mend(
        _ trouble: String, with copy: RegisterRecord, in files: RegisterFiles, _ log: Logger
    ) throws(Failure) -> RegisterRecord {
        log.error("\(trouble). Its copy counts: \(copy.words)")
        do throws(FileFailure) {
            try files.writeMain(copy)
        } catch {
            throw cannotStart(error)
        }
        return copy
    }

    private static func firstDay(
        _ files: RegisterFiles, _ log: Logger
    ) throws(Failure) -> RegisterRecord {
        let former: String?
        do throws(FileFailure) {
            former = try files.former()
        } catch {
            throw cannotStart(error)
        }
        if let former { throw missing(files, former) }
        let earlier = try newest(in: files.earlier)
        let record = earlier ?? .first
        do throws(FileFailure) {
            try files.writeMain(record)
        } catch {
            throw cannotStart(error)
        }
        copy(record, in: files, log)
        guard earlier != nil else {
            log.info("There is no register yet: it begins with blue")
            return record
        }
        log.info("The register of an earlier version was \(files.earlier.main): \(record.words)")
        do throws(FileFailure) {
            try files.earlier.removeBoth()
        } catch {
            // Nobody reads it any more.
            log.warning("The register of an earlier version stays: \(error.message)")
        }
        return record
    }

    /// `nil` where nothing was kept there.
    private static func newest(in earlier: RegisterFiles) throws(Failure) -> RegisterRecord? {
        let contents = [earlier.main, earlier.copy].map(earlier.read)
        let records = contents.compactMap { content -> RegisterRecord? in
            if case .record(let record) = content { record } else { nil }
        }
        if let newest = records.max(by: { $0.datum.token < $1.datum.token }) { return newest }
        let troubles = contents.compactMap { content -> String? in
            if case .damaged(let why) = content { why } else { nil }
        }
        guard !troubles.isEmpty else { return nil }
        throw Failure(
            .proxyNotStarted, "Which colour was live with an earlier version cannot be read.",
            evidence: troubles,
            hint:
                "Remove \(earlier.main) and \(earlier.copy): the proxy then begins with blue.")
    }

    private static func missing(_ files: RegisterFiles, _ former: String) -> Failure {
        Failure(
            .proxyNotStarted, "The register of this address is not there.",
            evidence: ["it was in \(former), and \(files.main) does not exist"],
            hint:
                "Where the service was renamed or its record moved, move the register after it. To "
                + "begin with blue, remove \(files.note).")
    }

    private static func cannotStart(_ error: FileFailure) -> Failure {
        Failure(.proxyNotStarted, "The proxy cannot keep its register: \(error.message).")
    }
}

extension RegisterRecord {
    func route(isPaused: Bool) -> Route {
        Route(datum: datum, split: split, isPaused: isPaused)
    }

    fileprivate var words: String {
        "\(datum.live), token \(datum.token)"
    }
}
