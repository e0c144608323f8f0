import Crypto

/// The two sums of the record: one finds accidents in a line, the other ties lines together.
enum Checksum {
    /// CRC-32C as eight hexadecimal digits.
    static func crc32c(_ bytes: some Sequence<UInt8>) -> String {
        var sum = ~UInt32(0)
        for byte in bytes {
            sum = table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ (sum >> 8)
        }
        return hexadecimal((0..<4).reversed().map { UInt8(truncatingIfNeeded: ~sum >> ($0 * 8)) })
    }

    /// The first 32 hexadecimal digits of the SHA-256 of a line, without its line end.
    static func hash(_ line: some Sequence<UInt8>) -> String {
        hexadecimal(SHA256.hash(data: Array(line)).prefix(16))
    }

    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static let digits = Array("0123456789abcdef".utf8)

    /// Castagnoli's polynomial, reflected.
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { sum, _ in
            sum & 1 == 1 ? (sum >> 1) ^ 0x82f6_3b78 : sum >> 1
        }
    }
}

/// A JSON object whose last member is the checksum of everything before it.
enum SealedObject {
    private static let opening = Array(#","crc":""#.utf8)
    private static let ending = Array(#""}"#.utf8)

    /// `open` is a JSON object without its closing brace.
    static func seal(_ open: [UInt8]) -> [UInt8] {
        open + opening + Checksum.crc32c(open).utf8 + ending
    }

    /// The object without its checksum and closing brace; `nil` where the checksum is not right.
    static func open(_ sealed: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let open = sealed.dropLast(opening.count + 8 + ending.count)
        guard sealed.dropFirst(open.count).elementsEqual(seal(Array(open))[open.count...]) else {
            return nil
        }
        return open
    }
}
