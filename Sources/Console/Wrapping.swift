// How long lines are broken for a terminal, which by itself breaks them in the middle of words.

extension Text {
    /// Broken at blanks so that lines fit, as far as blanks allow; what goes on below is indented.
    /// Expects text that has been cleaned.
    func wrapped(toColumns limit: Int) -> Text {
        guard columns > limit else { return self }
        let letters = spans.flatMap { span in
            span.content.map { Letter(character: $0, style: span.style) }
        }
        let lines = letters.split(omittingEmptySubsequences: false) { $0.character == "\n" }
        return Text(
            spans: lines.map { Self.broken($0, limit) }.joined(separator: [.lineBreak]).spans)
    }

    private static func broken(_ line: ArraySlice<Letter>, _ limit: Int) -> [Letter] {
        let depth = min(line.prefix(while: \.isBlank).count + 4, limit / 2)
        let indent = [Letter](repeating: .blank, count: depth)
        var (done, rest) = ([Letter](), line)
        while rest.columns > limit, let end = lastBreak(in: rest, within: limit) {
            done += rest[..<end] + [.lineBreak]
            rest = (indent + rest[end...].drop(while: \.isBlank))[...]
        }
        return done + rest
    }

    /// The end of the last word that fits, or else of the first; nil where the line has only one.
    private static func lastBreak(in line: ArraySlice<Letter>, within limit: Int) -> Int? {
        let ends = line.indices.dropFirst().filter { line[$0].isBlank && !line[$0 - 1].isBlank }
        return ends.last { line[..<$0].columns <= limit } ?? ends.first
    }
}

private struct Letter {
    static let blank = Letter(character: " ", style: nil)
    static let lineBreak = Letter(character: "\n", style: nil)

    let character: Character
    let style: Style?

    var isBlank: Bool { character == " " }
}

extension Sequence<Letter> {
    fileprivate var columns: Int { reduce(0) { $0 + $1.character.columns } }

    /// One for each run of letters of the same style.
    fileprivate var spans: [Text.Span] {
        reduce(into: []) { spans, letter in
            if spans.last?.style == letter.style, let last = spans.indices.last {
                spans[last].content.append(letter.character)
            } else {
                spans.append(
                    Text.Span(
                        content: String(letter.character), style: letter.style,
                        staysOnItsLine: false))
            }
        }
    }
}
