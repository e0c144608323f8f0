extension Shape {
    /// What a value may be, for messages and the reference: `a duration such as 5m`.
    var words: String {
        switch self {
        case .text: "text"
        case .name: "a name of letters, digits, '.', '_' and '-'"
        case .jsonPath: "a path such as $.a.b[0]"
        case .choice(let words):
            words.count == 1 ? words[0] : "one of \(words.joined(separator: ", "))"
        case .either(let words, let shape): "\(Shape.choice(words).words), or \(shape.words)"
        case .integer(let range): Self.words(for: range)
        case .boolean: "true or false"
        case .duration: "a duration such as 500ms, 5m or 1m30s"
        case .percent: "a percentage such as 99.5%"
        case .size: "a size such as 10MB"
        case .rate: "a rate such as 50/s"
        case .threshold: "a bound such as '< 1%' or '<= 1.2x baseline'"
        case .countOf: "a count such as '3 of 5'"
        case .command: "a list of arguments, or one line for the shell"
        case .list(.section), .list(.adapter): "a list of mappings"
        case .list: "a list"
        case .oneOrMany(let shape): "\(shape.words), or a list of them"
        case .named, .section, .adapter: "a mapping"
        case .partial(let shape): shape.words
        case .anything: "anything"
        }
    }

    private static func words(for range: ClosedRange<Int>) -> String {
        range.upperBound == .max
            ? "a whole number from \(range.lowerBound)"
            : "a whole number between \(range.lowerBound) and \(range.upperBound)"
    }
}

extension AdapterFamily {
    /// What one of them is called in a message.
    var noun: String {
        switch self {
        case .router: "router"
        case .deployer: "action"
        case .check: "check"
        case .metric: "metric source"
        }
    }
}

extension Node {
    /// What stands here, for a message: `'abc'`, `a list`, `nothing`.
    var found: String {
        switch content {
        case .scalar("", isQuoted: false): "nothing"
        case .scalar(let text, _): ScalarCheck.quoted(text)
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }
}
