/// The octets that messages are made of, and questions about stretches of them.
typealias Bytes = UnsafeRawBufferPointer

enum Octet {
    static let tab = UInt8(ascii: "\t")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let comma = UInt8(ascii: ",")
    static let colon = UInt8(ascii: ":")
    static let semicolon = UInt8(ascii: ";")
    static let dash = UInt8(ascii: "-")
    static let underscore = UInt8(ascii: "_")
    static let slash = UInt8(ascii: "/")

    /// `tchar` of RFC 9110, section 5.6.2.
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool {
        // One bit per character: ! # $ % & ' * + - . digits, then letters ^ _ ` | ~
        let low: UInt64 = 0x03FF_6CFA_0000_0000
        let high: UInt64 = 0x57FF_FFFF_C7FF_FFFE
        guard byte < 128 else { return false }
        return (byte < 64 ? low >> byte : high >> (byte - 64)) & 1 == 1
    }

    /// What may stand in a field value: no control character but the tab.
    @inline(__always)
    static func isText(_ byte: UInt8) -> Bool {
        (byte >= 0x20 && byte != 0x7F) || byte == tab
    }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    @inline(__always)
    static func lowercased(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    @inline(__always)
    static func hexValue(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte) - 0x30
        case 0x41...0x46: Int(byte) - 0x41 + 10
        case 0x61...0x66: Int(byte) - 0x61 + 10
        default: nil
        }
    }
}

extension UnsafeRawBufferPointer {
    /// `text` is lower case; letters of the bytes may be either.
    @inline(__always)
    func spells(_ text: StaticString, _ range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        var letter = text.utf8Start
        for index in range {
            guard Octet.lowercased(self[index]) == letter.pointee else { return false }
            letter += 1
        }
        return true
    }

    /// Without case, for ASCII.
    func matches(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).allSatisfy {
            Octet.lowercased(self[$0]) == Octet.lowercased(self[$1])
        }
    }

    func isExactly(_ text: String, _ range: Range<Int>) -> Bool {
        self[range].elementsEqual(text.utf8)
    }

    func contains(where test: (UInt8) -> Bool, in range: Range<Int>) -> Bool {
        range.contains { test(self[$0]) }
    }

    /// The range without blanks at its ends.
    @inline(__always)
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, Octet.isBlank(self[start]) { start += 1 }
        while end > start, Octet.isBlank(self[end - 1]) { end -= 1 }
        return start..<end
    }

    func first(_ byte: UInt8, in range: Range<Int>) -> Int? {
        range.first { self[$0] == byte }
    }

    /// Calls `visit` with every element of a comma-separated list that is not empty, until it says no.
    func forEachElement(_ range: Range<Int>, _ visit: (Range<Int>) -> Bool) {
        var start = range.lowerBound
        while start <= range.upperBound {
            let end = first(Octet.comma, in: start..<range.upperBound) ?? range.upperBound
            let element = trimmed(start..<end)
            guard element.isEmpty || visit(element) else { return }
            start = end + 1
        }
    }

    /// `1*DIGIT` that fits; a sign, a blank or a list is no number.
    func decimal(_ range: Range<Int>) -> Int? {
        guard !range.isEmpty, range.count <= 18 else { return nil }
        var value = 0
        for index in range {
            guard Octet.isDigit(self[index]) else { return nil }
            value = value * 10 + Int(self[index] & 0x0F)
        }
        return value
    }
}
