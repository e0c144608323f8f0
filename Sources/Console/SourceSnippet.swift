/// Points into a file: position and message, the line, a caret under the column, a hint.
package struct SourceSnippet: Sendable {
    private let file: String
    private let line: Int
    private let column: Int
    private let severity: String
    private let message: String
    private let hint: String?

    /// `line` and `column` are 1-based; `column` counts Unicode scalars. `severity` is `error` or
    /// `warning`.
    package init(
        _ severity: String, file: String, line: Int, column: Int, message: String,
        hint: String? = nil
    ) {
        self.severity = severity
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.hint = hint
    }

    /// The lines of a file, for `text`: a file is cut once, however much is wrong with it.
    package static func lines(of source: String) -> [Substring] {
        source.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    }

    /// For printing. `source` is all lines of the file; where it has no such line, only the message and
    /// the hint are shown.
    package func text(source: [Substring]) -> Text {
        var lines: [Text] = [
            "\("\(file):\(line):\(column):", .bold) \(severity, style): \(message)"
        ]
        lines += excerpt(from: source)
        if let hint { lines.append("  \("hint:", .bold) \(hint)") }
        return lines.joined()
    }

    /// How many scalars of a line are shown on either side of the column.
    private static let surroundings = 80

    private func excerpt(from lines: [Substring]) -> [Text] {
        guard lines.indices.contains(line - 1) else { return [] }
        let scalars = lines[line - 1].unicodeScalars
        guard scalars.contains(where: { !$0.properties.isWhitespace }) else { return [] }
        let before = scalars.prefix(column - 1)
        let start = before.suffix(Self.surroundings)
        let end = scalars.dropFirst(before.count).prefix(Self.surroundings)
        let shownStart = (start.count < before.count ? "…" : "") + String(start)
        let isCut = before.count + end.count < scalars.count
        return [
            "  \(shownStart + String(end) + (isCut ? "…" : ""))",
            "  \(Self.blanks(under: shownStart))\("^", style)",
        ]
    }

    private var style: Style { severity == "error" ? .bad : .warning }

    /// As wide as `text` is when it is printed; tabs stay tabs, so that they jump as far.
    private static func blanks(under text: String) -> String {
        Sanitizer().escaped(text, keepingLines: false).map { character in
            character == "\t" ? "\t" : String(repeating: " ", count: character.columns)
        }.joined()
    }
}
