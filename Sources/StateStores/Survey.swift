import Contracts

/// What a folder says when it is read: the record, where it ends, and what is wrong.
struct Survey {
    private(set) var record: Record
    /// The last entry that `record` has taken into account.
    private(set) var position: JournalPosition?
    private(set) var newest: RunName?
    private var begun: RunID?
    /// The file of that run could not be read: where it ends is not known.
    private var isUnread = false
    private(set) var condition = StoredRecord.Condition.sound
    /// The newest run of which `state.json` knows.
    private let announced: RunName?
    /// What the first line of the next file must point back to; `nil` where that is not known.
    private var expected: String?

    /// `isCertain` lists the folder, whatever `state.json` says.
    init(_ folder: StateFolder, isCertain: Bool = false) throws(FileFailure) {
        // A cache that cannot be read is replaced by the files that it is made from.
        let state = (try? folder.state()) ?? nil
        announced = state?.newest
        record = state?.record ?? Record()
        position = state?.upTo
        expected = state.map { $0.upTo?.hash ?? JournalPosition.beforeTheFirst }
        for name in try Self.names(folder, state, isCertain: isCertain) {
            do throws(FileFailure) {
                follow(name, try folder.reading(name))
            } catch {
                newest = name
                (begun, isUnread) = (name.run, true)
                note(.corrupt(error.message))
            }
        }
        if position == nil, condition == .sound { condition = .absent }
    }

    /// The newest run that began, be it one whose file cannot be read, or is gone.
    var last: RunID? { begun ?? record.run?.beginning.run }

    /// What the first line of the next run points back to.
    var end: String {
        isUnread ? JournalPosition.unread : position?.hash ?? JournalPosition.beforeTheFirst
    }

    /// Whether that run is known to have ended.
    var isLastOver: Bool { record.run?.beginning.run == last && record.run?.outcome != nil }

    /// What `state.json` should say, where it is of an older time than the runs beside it: as after
    /// a copy that was put back, whose times say nothing.
    var mended: StateFile? {
        guard let announced, let newest, announced < newest else { return nil }
        switch condition {
        case .sound, .torn: return StateFile(newest: newest, upTo: position, record: record)
        case .absent, .corrupt, .tooNew: return nil
        }
    }

    /// The runs that `state` does not cover in full, oldest first.
    private static func names(
        _ folder: StateFolder, _ state: StateFile?, isCertain: Bool
    ) throws(FileFailure) -> [RunName] {
        guard let state else { return try folder.names() }
        let hinted = Set([state.upTo?.run, state.newest].compactMap(\.self))
        if !isCertain {
            guard try folder.isOutdated(state) else { return hinted.sorted() }
        }
        return try hinted.union(folder.names(from: state.upTo?.run)).sorted()
    }

    private mutating func follow(_ name: RunName, _ journal: JournalReading?) {
        let known = position?.run == name ? position : nil
        guard let journal else {
            if known != nil { note(.corrupt("the file of \(name.run) is gone")) }
            return
        }
        newest = name
        if !journal.lines.isEmpty { (begun, isUnread) = (name.run, false) }
        if case .torn = condition { condition = .sound }
        if let damage = journal.damage { note(damage) }
        if let known {
            guard journal.lines.dropFirst(max(known.entry, 1) - 1).first?.hash == known.hash else {
                return note(
                    .corrupt("entry \(known.entry) of \(name.run) is not the one in state.json"))
            }
        } else if let first = journal.lines.first, let expected, first.previous != expected,
            first.previous != JournalPosition.unread
        {
            note(.corrupt("\(name.run) does not follow from the run before it"))
        }
        for line in journal.lines.dropFirst(known?.entry ?? 0) { take(line, name) }
        expected = position?.hash ?? expected
    }

    private mutating func take(_ line: JournalLine, _ name: RunName) {
        position = JournalPosition(run: name, entry: line.number, hash: line.hash)
        guard let entry = line.entry else {
            return note(
                .tooNew(
                    "entry \(line.number) of \(name.run), '\(line.kind)', is not known to this program"
                ))
        }
        record.apply(entry)
    }

    /// The first trouble counts; a torn end is the least of them.
    private mutating func note(_ trouble: StoredRecord.Condition) {
        switch condition {
        case .sound, .absent, .torn: condition = trouble
        case .corrupt, .tooNew: break
        }
    }

    /// A folder that was copied or renamed from another service's.
    mutating func require(service: String, stage: String?) {
        guard let beginning = record.run?.beginning,
            (beginning.service, beginning.stage) != (service, stage)
        else { return }
        let owner = StateStoreCatalog.folderName(beginning.service, beginning.stage)
        note(.corrupt("this is the record of '\(owner)'"))
    }
}
