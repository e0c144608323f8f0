import Contracts
import FoundationEssentials

/// `state.json`: what a person reads, and the cache that spares the reading of old runs.
///
/// It announces a run *before* that run's file exists, so the newest run is always found without listing
/// the folder; an announced run without a file has never begun. Everything in it can be had again
/// from the runs' files, except that lines were lost since it was written. So it is not flushed: a
/// power cut leaves an older one, or none, as the end of a process between two writes does.
struct StateFile: Codable {
    static let format = 1

    var format = StateFile.format
    /// The newest run, which may be about to begin.
    var newest: RunName
    /// How far `record` goes; `nil` before the first run.
    var upTo: JournalPosition?
    var record: Record

    init(newest: RunName, upTo: JournalPosition?, record: Record) {
        self.newest = newest
        self.upTo = upTo
        self.record = record
    }

    /// `nil` where it is damaged, edited or of a newer format: then it is as good as absent.
    init?(_ bytes: [UInt8]) {
        guard let open = SealedObject.open(bytes.dropLast()) else { return nil }
        let whole = Data(open + [UInt8(ascii: "}")])
        // Losing the error is right: the file is a cache, and is written anew by the next run.
        guard let file = try? JSONDecoder().decode(Self.self, from: whole),
            file.format == Self.format, (0...Token.largestEpoch).contains(file.record.epoch)
        else { return nil }
        self = file
    }

    /// Only the announced run: for a question that is asked ten times a second.
    static func newest(in bytes: [UInt8]) -> RunName? {
        guard let open = SealedObject.open(bytes.dropLast()) else { return nil }
        var scanner = LineScanner(open)
        guard scanner.skip("{\n  \"format\" : "), scanner.integer() == format,
            scanner.skip(",\n  \"newest\" : "), let name = scanner.word()
        else { return nil }
        return RunName(name)
    }

    func bytes() throws(Failure) -> [UInt8] {
        SealedObject.seal(try CanonicalJSON.bytes(self, isPretty: true).dropLast(2))
            + [UInt8(ascii: "\n")]
    }
}

/// One entry of one run, with the hash of its line.
struct JournalPosition: Hashable, Codable {
    static let beforeTheFirst = String(repeating: "0", count: 32)
    /// In place of the hash of a run whose file could not be read when the next one began.
    static let unread = String(repeating: "f", count: 32)

    var run: RunName
    var entry: Int
    var hash: String
}
