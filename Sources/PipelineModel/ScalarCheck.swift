/// Judges one plain or quoted value; the types of YAML itself play no part.
package enum ScalarCheck {
    struct Mistake {
        let message: String
        var hint: String?
    }

    /// The longest duration that makes sense: a year.
    package static let longest = Duration.seconds(365 * 86_400)

    /// No setting has a range beyond it.
    static let integers = -1_000_000_000...1_000_000_000

    /// Words that other readers of YAML take for these two.
    private static let truths = [
        "true": true, "yes": true, "on": true, "false": false, "no": false, "off": false,
    ]

    /// What is wrong with `text` as `shape`; `nil` where nothing is. `name` begins the message.
    static func mistake(
        in text: String, isQuoted: Bool, as shape: Shape, named name: String
    ) -> Mistake? {
        switch shape {
        case .integer(let range):
            return integerMistake(text, isQuoted: isQuoted, range: range, named: name)
        case .boolean:
            if isQuoted, Bool(text) != nil {
                return Mistake(message: "\(name) must be true or false", hint: "remove the quotes")
            }
            guard Bool(text) == nil else { return nil }
            let meant = truths[text.lowercased()]
            return Mistake(
                message: "\(name) must be \(shape.words), not \(quoted(text))",
                hint: meant.map { "did you mean '\($0)'?" })
        case .duration:
            guard let duration = Duration(written: text) else { return durationMistake(text, name) }
            guard duration <= longest else {
                return Mistake(message: "\(name) must be at most 365d")
            }
            return nil
        case .choice(let words):
            guard !words.contains(text) else { return nil }
            let nearest = Suggestion.nearest(to: text, among: words)
            return Mistake(
                message: "\(name) must be \(shape.words), not \(quoted(text))",
                hint: nearest.map { "did you mean '\($0)'?" })
        case .name: return unless(isName(text), text, shape, name)
        // Losing the error is right: the message shows what a path looks like.
        case .jsonPath: return unless((try? JSONPath(text)) != nil, text, shape, name)
        case .percent: return Percent(written: text) == nil ? percentMistake(text, name) : nil
        case .size: return unless(ByteCount.parse(text) != nil, text, shape, name)
        case .rate: return unless(Rate.parse(text) != nil, text, shape, name)
        case .threshold: return thresholdMistake(text, name)
        case .countOf: return unless(CountOf(written: text) != nil, text, shape, name)
        case .text, .anything, .command, .either, .list, .oneOrMany, .named, .section, .adapter,
            .partial:
            return nil
        }
    }

    /// Letters, digits, `.`, `_` and `-`, beginning with a letter or digit: safe as a folder.
    package static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 63 else { return false }
        return isAlphanumeric(first)
            && text.utf8.allSatisfy { isAlphanumeric($0) || "._-".utf8.contains($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func integerMistake(
        _ text: String, isQuoted: Bool, range: ClosedRange<Int>, named name: String
    ) -> Mistake? {
        let shape = Shape.integer(range)
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else {
            return unless(false, text, shape, name)
        }
        if isQuoted {
            return Mistake(message: "\(name) must be \(shape.words)", hint: "remove the quotes")
        }
        if digits.count > 1, digits.hasPrefix("0") {
            return Mistake(
                message: "\(name) has a leading zero: \(quoted(text))",
                hint: "some readers take it for octal; write the number without it")
        }
        return unless(Int(text).map(range.contains) ?? false, text, shape, name)
    }

    private static func durationMistake(_ text: String, _ name: String) -> Mistake {
        let isBare = !text.isEmpty && text.allSatisfy { $0.isASCII && $0.isNumber }
        return Mistake(
            message: "\(name) must be \(Shape.duration.words), not \(quoted(text))",
            hint: isBare ? "add the unit: \(text)s" : nil)
    }

    private static func thresholdMistake(_ text: String, _ name: String) -> Mistake? {
        var mistake = unless(Threshold(written: text) != nil, text, .threshold, name)
        let joined = text.replacing(" x baseline", with: "x baseline")
        if Threshold(written: joined) != nil { mistake?.hint = "write `\(joined)`" }
        return mistake
    }

    private static func percentMistake(_ text: String, _ name: String) -> Mistake {
        let isBare = Percent(written: text + "%") != nil
        return Mistake(
            message: "\(name) must be \(Shape.percent.words), not \(quoted(text))",
            hint: isBare ? "write `\(text)%`" : nil)
    }

    private static func unless(
        _ isRight: Bool, _ text: String, _ shape: Shape, _ name: String
    ) -> Mistake? {
        isRight ? nil : Mistake(message: "\(name) must be \(shape.words), not \(quoted(text))")
    }

    /// `'abc'`, cut short where it is long.
    static func quoted(_ text: String) -> String {
        text.count > 40 ? "'\(text.prefix(40))...'" : "'\(text)'"
    }
}
