// How quantities are written in a pipeline file.

extension Duration {
    /// `500ms`, `5m`, `1m30s`, `1h`, `2d`: whole numbers, each with its unit, largest first.
    package init?(written text: String) {
        let units: [(name: String, milliseconds: Int64)] = [
            ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
        ]
        var rest = Substring(text)
        var total: Int64 = 0
        var smallest = Int64.max
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            let word = rest.dropFirst(digits.count).prefix { $0.isASCII && $0.isLetter }
            guard let count = Int64(digits), let unit = units.first(where: { $0.name == word }),
                unit.milliseconds < smallest
            else { return nil }
            let (part, tooLarge) = count.multipliedReportingOverflow(by: unit.milliseconds)
            let (sum, sumTooLarge) = total.addingReportingOverflow(part)
            guard !tooLarge, !sumTooLarge else { return nil }
            total = sum
            smallest = unit.milliseconds
            rest = rest.dropFirst(digits.count + word.count)
        }
        guard smallest != Int64.max else { return nil }
        self = .milliseconds(total)
    }
}

extension Percent {
    /// `99.5%`
    package init?(written text: String) {
        guard text.hasSuffix("%"), let value = PlainNumber.parse(text.dropLast()), value >= 0
        else { return nil }
        self.init(value)
    }
}

package enum ByteCount {
    /// `512B`, `64KB`, `10MB`, `1GB`: powers of 1024.
    package static func parse(_ text: String) -> Int? {
        let units = [("KB", 1 << 10), ("MB", 1 << 20), ("GB", 1 << 30), ("B", 1)]
        for (unit, factor) in units where text.hasSuffix(unit) {
            let digits = text.dropLast(unit.count)
            guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let count = Int(digits)
            else { continue }
            let (bytes, tooLarge) = count.multipliedReportingOverflow(by: factor)
            return tooLarge ? nil : bytes
        }
        return nil
    }
}

package enum Rate {
    /// `50/s`: how many in a second.
    package static func parse(_ text: String) -> Double? {
        guard text.hasSuffix("/s"), let count = PlainNumber.parse(text.dropLast(2)), count > 0
        else { return nil }
        return count
    }
}

extension CountOf {
    /// `3 of 5`; at most the last 1000.
    package init?(written text: String) {
        let words = text.split(separator: " ")
        guard words.count == 3, words[1] == "of", let count = Int(words[0]),
            let window = Int(words[2]), count >= 1, count <= window, window <= 1000
        else { return nil }
        self.init(count, of: window)
    }
}

extension Threshold {
    /// `< 1%`, `>= 0.95`, `< 300ms`, `<= 1.2x baseline`
    package init?(written text: String) {
        let sign = text.prefix { "<>=".contains($0) }
        let rest = text.dropFirst(sign.count).drop { $0 == " " }
        guard let relation = Relation(rawValue: String(sign)), let bound = Self.bound(String(rest))
        else { return nil }
        self.init(relation: relation, bound: bound, written: text)
    }

    private static func bound(_ text: String) -> Bound? {
        if text.hasSuffix("x baseline") {
            let factor = PlainNumber.parse(text.dropLast("x baseline".count))
            return factor.flatMap { $0 > 0 ? .timesBaseline($0) : nil }
        }
        if let percent = Percent(written: text) { return .value(percent.value / 100) }
        if let duration = Duration(written: text) {
            let parts = duration.components
            return .value(Double(parts.seconds) + Double(parts.attoseconds) / 1e18)
        }
        if let bytes = ByteCount.parse(text) { return .value(Double(bytes)) }
        return PlainNumber.parse(text[...]).map(Bound.value)
    }
}

enum PlainNumber {
    /// `12`, `-3`, `0.95`: no exponent, no hexadecimal, no infinity.
    static func parse(_ text: Substring) -> Double? {
        let unsigned = text.hasPrefix("-") ? text.dropFirst() : text
        let pieces = unsigned.split(separator: ".", omittingEmptySubsequences: false)
        let areDigits = pieces.allSatisfy { piece in
            !piece.isEmpty && piece.allSatisfy { $0.isASCII && $0.isNumber }
        }
        guard pieces.count <= 2, areDigits, let value = Double(text), value.isFinite
        else { return nil }
        return value
    }
}
