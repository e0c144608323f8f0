import Contracts

/// The name of a run among the files: `0000000041-7k3q9x`. Names sort by epoch.
struct RunName: Hashable, Sendable {
    let epoch: Int
    /// Six characters that tell apart runs of the same epoch in copies of one folder.
    let id: String

    init(epoch: Int, randomBits: UInt64) {
        self.epoch = epoch
        id = String((0..<6).map { Self.alphabet[Int(randomBits >> ($0 * 5) & 31)] })
    }

    /// `nil` where `text` is not exactly such a name: it may come from outside and becomes a path.
    init?(_ text: some StringProtocol) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].count == 10,
            parts[0].allSatisfy(Self.isDigit), let epoch = Int(String(text.prefix(10))),
            let id = Self.id(parts[1])
        else { return nil }
        (self.epoch, self.id) = (epoch, id)
    }

    init?(file: String) {
        guard file.hasSuffix(Self.fileEnding) else { return nil }
        self.init(file.dropLast(Self.fileEnding.count))
    }

    init?(_ run: RunID) {
        let parts = run.text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "r", (6...10).contains(parts[1].utf8.count),
            parts[1].utf8.allSatisfy(Self.isDigit), let epoch = Int(parts[1]),
            let id = Self.id(parts[2].utf8)
        else { return nil }
        (self.epoch, self.id) = (epoch, id)
    }

    var run: RunID { RunID("r-\(Self.padded(epoch, to: 6))-\(id)") }
    var file: String { text + Self.fileEnding }
    var text: String { "\(Self.padded(epoch, to: 10))-\(id)" }

    private static let fileEnding = ".jsonl"
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func id(_ bytes: some Collection<UInt8>) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard bytes.count == 6, text.allSatisfy(alphabet.contains) else { return nil }
        return text
    }

    private static func padded(_ number: Int, to digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}

extension RunName: Comparable {
    static func < (left: RunName, right: RunName) -> Bool {
        (left.epoch, left.id) < (right.epoch, right.id)
    }
}

extension RunName: CustomStringConvertible {
    var description: String { text }
}

extension RunName: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let name = RunName(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not the name of a run")
        }
        self = name
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
