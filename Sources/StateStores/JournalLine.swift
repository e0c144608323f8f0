import Contracts
import FoundationEssentials
import PipelineModel

/// One line of a run's file: the frame is read at once, the event only where it is asked for.
///
/// `{"n":7,"t":"…Z","bt":123456789,"e":41,"k":"switched","v":{…},"prev":"<32 hex>","crc":"9b093fad"}`:
/// number, wall time, microseconds since boot, epoch, the event's name and values, the hash of the line
/// before, the checksum of everything before itself. The first line of a file begins with `"format"`.
/// The frame is the same in every format.
struct JournalLine {
    static let format = 1

    let number: Int
    /// Newer than `JournalLine.format` where a newer program wrote the file; only in a first line.
    let format: Int?
    let previous: String
    let hash: String
    /// Name of the event, as written.
    let kind: String
    private let epoch: Int
    private let time: String
    private let microseconds: Int
    private let values: ArraySlice<UInt8>
    private let readings: ReadingMemory?

    /// `nil` where a single byte is not as it was written.
    init?(_ bytes: ArraySlice<UInt8>, _ readings: ReadingMemory? = nil) {
        guard let open = SealedObject.open(bytes) else { return nil }
        var scanner = LineScanner(open)
        format = scanner.skip(#"{"format":"#) ? scanner.integer() : nil
        guard scanner.skip(format == nil ? #"{"n":"# : #","n":"#), let number = scanner.integer(),
            scanner.skip(#","t":"#), let time = scanner.word(),
            scanner.skip(#","bt":"#), let microseconds = scanner.integer(),
            scanner.skip(#","e":"#), let epoch = scanner.integer(), epoch <= Token.largestEpoch,
            scanner.skip(#","k":"#), let kind = scanner.word(), scanner.skip(#","v":"#)
        else { return nil }
        var end = LineScanner(scanner.rest.suffix(Self.previousLength))
        guard end.skip(#","prev":"#), let previous = end.word(), end.rest.isEmpty else {
            return nil
        }
        self.number = number
        self.time = time
        self.microseconds = microseconds
        self.epoch = epoch
        self.kind = kind
        self.previous = previous
        values = scanner.rest.dropLast(Self.previousLength)
        hash = Checksum.hash(bytes)
        self.readings = readings
    }

    /// `nil` where this program does not know the event, or not in this shape.
    var entry: JournalEntry? {
        let spelled = Array(#"{"\#(kind)":"#.utf8) + values + [UInt8(ascii: "}")]
        let event = readings.value(of: spelled) {
            // Losing the error is right: whatever it says, a newer program wrote this line.
            try? JSONDecoder().decode(RunEvent.self, from: Data(spelled))
        }
        guard let event, let time = WallTime(time) else { return nil }
        return JournalEntry(
            number: number, time: time, uptime: .microseconds(microseconds), epoch: epoch,
            event: event)
    }

    /// The line of `entry`, without its line end.
    static func bytes(_ entry: JournalEntry, previous: String) throws(Failure) -> [UInt8] {
        let event = try CanonicalJSON.bytes(entry.event)
        // {"name":values} becomes its two parts.
        guard let colon = event.firstIndex(of: UInt8(ascii: ":")) else {
            preconditionFailure("An event is an object with one key.")
        }
        let (seconds, fraction) = entry.uptime.components
        let microseconds = seconds * 1_000_000 + fraction / 1_000_000_000_000
        let head = entry.number == 1 ? #"{"format":\#(format),"n":1"# : #"{"n":\#(entry.number)"#
        var line = Array(
            #"\#(head),"t":"\#(entry.time)","bt":\#(microseconds),"e":\#(entry.epoch),"k":"#.utf8)
        line += event[1..<colon]
        line += Array(#","v":"#.utf8)
        line += event[(colon + 1)...].dropLast()
        line += Array(#","prev":"\#(previous)""#.utf8)
        return SealedObject.seal(line)
    }

    private static let previousLength = #","prev":"""#.utf8.count + 32
}
