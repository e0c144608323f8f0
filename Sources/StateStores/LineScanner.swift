/// Walks through the part of a record whose spelling is fixed.
struct LineScanner {
    var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func skip(_ text: StaticString) -> Bool {
        let expected = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard rest.starts(with: expected) else { return false }
        rest = rest.dropFirst(expected.count)
        return true
    }

    mutating func integer() -> Int? {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        rest = rest.dropFirst(digits.count)
        return Int(String(decoding: digits, as: UTF8.self))
    }

    /// What stands between two quotation marks; it holds neither escapes nor quotation marks.
    mutating func word() -> String? {
        guard rest.first == UInt8(ascii: "\"") else { return nil }
        let word = rest.dropFirst().prefix { $0 != UInt8(ascii: "\"") }
        rest = rest.dropFirst(word.count + 2)
        return String(decoding: word, as: UTF8.self)
    }
}
