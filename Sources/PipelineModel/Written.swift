/// How quantities are written in a pipeline file.

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
        guard text.hasSuffix("%"), let value = Double(text.dropLast()), value.isFinite, value >= 0
        else { return nil }
        self.init(value)
    }
}

package enum ByteCount {
    /// `512B`, `64KB`, `10MB`, `1GB`: powers of 1024.
    package static func parse(_ text: String) -> Int? {
        let units = [("KB", 1 << 10), ("MB", 1 << 20), ("GB", 1 << 30), ("B", 1)]
        for (unit, factor) in units where text.hasSuffix(unit) {
            guard let count = Int(text.dropLast(unit.count)), count >= 0 else { continue }
            let (bytes, tooLarge) = count.multipliedReportingOverflow(by: factor)
            return tooLarge ? nil : bytes
        }
        return nil
    }
}

package enum Rate {
    /// `50/s`: how many in a second.
    package static func parse(_ text: String) -> Double? {
        guard text.hasSuffix("/s"), let count = Double(text.dropLast(2)), count.isFinite, count > 0
        else { return nil }
        return count
    }
}

extension CountOf {
    /// `3 of 5`
    package init?(written text: String) {
        let words = text.split(separator: " ")
        guard words.count == 3, words[1] == "of", let count = Int(words[0]),
            let window = Int(words[2]), count >= 1, count <= window
        else { return nil }
        self.init(count, of: window)
    }
}

extension Threshold {
    package init?(written text: String) {
        let words = text.split(separator: " ", maxSplits: 1).map(String.init)
        guard words.count == 2, let relation = Relation(rawValue: words[0]) else { return nil }
        guard let bound = Self.bound(words[1]) else { return nil }
        self.init(relation: relation, bound: bound, written: text)
    }

    private static func bound(_ text: String) -> Bound? {
        if text.hasSuffix("x baseline") {
            return Double(text.dropLast("x baseline".count)).map(Bound.timesBaseline)
        }
        if let percent = Percent(written: text) { return .value(percent.value / 100) }
        if let duration = Duration(written: text) {
            let parts = duration.components
            return .value(Double(parts.seconds) + Double(parts.attoseconds) / 1e18)
        }
        if let bytes = ByteCount.parse(text) { return .value(Double(bytes)) }
        return Double(text).flatMap { $0.isFinite ? .value($0) : nil }
    }
}

/// Reads `${name}` out of text; `$$` is a dollar.
package enum TemplateParser {
    /// The parts of `text`, and what is wrong with it.
    package static func parse(_ text: String) -> (parts: [Template.Part], mistakes: [String]) {
        var parts: [Template.Part] = []
        var mistakes: [String] = []
        var literal = ""
        var rest = Substring(text)
        while let next = rest.first {
            rest = rest.dropFirst()
            guard next == "$" else {
                literal.append(next)
                continue
            }
            if rest.first == "$" {
                literal.append("$")
                rest = rest.dropFirst()
                continue
            }
            guard rest.first == "{", let end = rest.firstIndex(of: "}") else {
                mistakes.append("a lone '$' means nothing; write '$$' for a dollar")
                literal.append("$")
                continue
            }
            if !literal.isEmpty { parts.append(.text(literal)) }
            literal = ""
            parts.append(.name(String(rest[rest.index(after: rest.startIndex)..<end])))
            rest = rest[rest.index(after: end)...]
        }
        if !literal.isEmpty { parts.append(.text(literal)) }
        return (parts, mistakes)
    }
}
