/// A JSON object whose last member is the checksum of everything before it: finds accidents in a file.
package enum SealedObject {
    private static let opening = Array(#","crc":""#.utf8)
    private static let ending = Array(#""}"#.utf8)

    /// `open` is a JSON object without its closing brace.
    package static func seal(_ open: [UInt8]) -> [UInt8] {
        open + seal(of: open[...])
    }

    /// The object without its checksum and closing brace; `nil` where the checksum is not right.
    package static func open(_ sealed: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let open = sealed.dropLast(opening.count + 8 + ending.count)
        guard sealed.dropFirst(open.count).elementsEqual(seal(of: open)) else { return nil }
        return open
    }

    private static func seal(of open: ArraySlice<UInt8>) -> [UInt8] {
        opening + crc32c(open).utf8 + ending
    }

    /// CRC-32C as eight hexadecimal digits, eight bytes at a time.
    static func crc32c(_ bytes: ArraySlice<UInt8>) -> String {
        var sum = ~UInt32(0)
        bytes.withUnsafeBytes { bytes in
            tables.withUnsafeBufferPointer { tables in
                var index = 0
                while index + 8 <= bytes.count {
                    var word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                    word = UInt64(littleEndian: word) ^ UInt64(sum)
                    sum = 0
                    for table in (0..<8).reversed() {
                        sum ^= tables[table << 8 | Int(word & 0xff)]
                        word >>= 8
                    }
                    index += 8
                }
                while index < bytes.count {
                    sum = tables[Int((sum ^ UInt32(bytes[index])) & 0xff)] ^ (sum >> 8)
                    index += 1
                }
            }
        }
        let text = String(~sum, radix: 16)
        return String(repeating: "0", count: 8 - text.count) + text
    }

    /// Castagnoli's polynomial, reflected: what a byte adds, and what it adds that many bytes later.
    private static let tables: [UInt32] = {
        let table: [UInt32] = (0..<256).map { index in
            (0..<8).reduce(UInt32(index)) { sum, _ in
                sum & 1 == 1 ? (sum >> 1) ^ 0x82f6_3b78 : sum >> 1
            }
        }
        var tables = table
        for index in 0..<7 * 256 {
            tables.append(table[Int(tables[index] & 0xff)] ^ (tables[index] >> 8))
        }
        return tables
    }()
}
