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

    /// CRC-32C as eight hexadecimal digits.
    static func crc32c(_ bytes: ArraySlice<UInt8>) -> String {
        var sum = ~UInt32(0)
        bytes.withUnsafeBufferPointer { bytes in
            table.withUnsafeBufferPointer { table in
                var index = 0
                while index < bytes.count {
                    sum = table[Int((sum ^ UInt32(bytes[index])) & 0xff)] ^ (sum >> 8)
                    index += 1
                }
            }
        }
        let text = String(~sum, radix: 16)
        return String(repeating: "0", count: 8 - text.count) + text
    }

    /// Castagnoli's polynomial, reflected.
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { sum, _ in
            sum & 1 == 1 ? (sum >> 1) ^ 0x82f6_3b78 : sum >> 1
        }
    }
}
