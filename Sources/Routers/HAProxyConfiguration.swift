/// A configuration of HAProxy as its sections and words, as far as a switch has to do with it.
///
/// Words are split as the manual says (2.2, quoting and escaping): blanks end a word, `\` and both
/// quotes keep them, `#` begins a comment.
struct HAProxyConfiguration {
    struct Line {
        let index: Int
        /// With their quotes, as written.
        let raw: [String]
        var keyword: String { raw[0] }
        /// Without quotes and escapes.
        func word(_ number: Int) -> String? {
            guard raw.indices.contains(number) else { return nil }
            return raw[number].filter { !#""'\"#.contains($0) }
        }
    }

    struct Section {
        let header: Line
        var lines: [Line] = []
        var kind: String { header.keyword }
        var name: String { header.word(1) ?? "" }
        /// The index after its last line that says something.
        var end: Int { (lines.last?.index ?? header.index) + 1 }
        func lines(_ keyword: String) -> [Line] { lines.filter { $0.keyword == keyword } }
    }

    private static let kinds: Set = [
        "backend", "cache", "crt-store", "defaults", "fcgi-app", "frontend", "global",
        "http-errors",
        "listen", "log-forward", "mailers", "peers", "program", "resolvers", "ring", "traces",
        "userlist",
    ]

    private(set) var sections: [Section] = []

    init(_ lines: [String]) {
        for (index, text) in lines.enumerated() {
            let words = Self.words(text)
            guard let keyword = words.first else { continue }
            let line = Line(index: index, raw: words)
            if Self.kinds.contains(keyword) {
                sections.append(Section(header: line))
            } else if !sections.isEmpty {
                sections[sections.count - 1].lines.append(line)
            }
        }
    }

    func section(_ kind: String, _ name: String) -> Section? {
        sections.first { $0.kind == kind && $0.name == name }
    }

    /// Its own mode, else that of the defaults it follows.
    func mode(of section: Section) -> String {
        if let own = section.lines("mode").last?.word(1) { return own }
        let words = section.header.raw
        let parent: Section? =
            if let from = words.firstIndex(of: "from"), words.indices.contains(from + 1) {
                self.section("defaults", words[from + 1])
            } else {
                sections.last { $0.kind == "defaults" && $0.header.index < section.header.index }
            }
        return parent?.lines("mode").last?.word(1) ?? "tcp"
    }

    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var quote: Character?
        var isEscaped = false
        for character in text {
            if isEscaped {
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if let open = quote {
                if character == open { quote = nil }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character == "#" {
                break
            } else if character.isWhitespace {
                if !word.isEmpty { words.append(word) }
                word = ""
                continue
            }
            word.append(character)
        }
        return word.isEmpty ? words : words + [word]
    }
}
