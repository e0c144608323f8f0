extension HeaderMatch {
    func holds(_ bytes: Bytes, _ fields: [Field]) -> Bool {
        switch place {
        case .header:
            fields.contains { field in
                hasName(name, bytes, field.name) && bytes.isExactly(value, field.value)
            }
        case .cookie:
            fields.contains { field in
                bytes.spells("cookie", field.name) && hasCookie(bytes, field.value)
            }
        }
    }

    private func hasName(_ name: String, _ bytes: Bytes, _ range: Range<Int>) -> Bool {
        guard range.count == name.utf8.count else { return false }
        return zip(range, name.utf8).allSatisfy {
            Octet.lowercased(bytes[$0]) == Octet.lowercased($1)
        }
    }

    /// `a=1; b=2`
    private func hasCookie(_ bytes: Bytes, _ list: Range<Int>) -> Bool {
        var start = list.lowerBound
        while start < list.upperBound {
            let end = bytes.first(Octet.semicolon, in: start..<list.upperBound) ?? list.upperBound
            let pair = bytes.trimmed(start..<end)
            if let equals = bytes.first(UInt8(ascii: "="), in: pair),
                bytes.isExactly(name, pair.lowerBound..<equals),
                bytes.isExactly(value, equals + 1..<pair.upperBound)
            {
                return true
            }
            start = end + 1
        }
        return false
    }
}
