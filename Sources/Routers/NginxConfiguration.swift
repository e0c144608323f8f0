/// A configuration of nginx as its directives and blocks, each with its place in the text.
struct NginxConfiguration {
    struct Directive {
        /// Without quotes.
        let words: [String]
        /// The line of the first word, of the `{` or `;`, and of the `}` of a block.
        let first: Int
        let last: Int
        var end: Int
        var children: [Directive] = []

        var name: String { words[0] }

        /// Itself and everything inside.
        var all: [Directive] { [self] + children.flatMap(\.all) }
    }

    private enum Piece {
        case word(String, line: Int)
        case open(line: Int)
        case close(line: Int)
        case semicolon(line: Int)
    }

    let directives: [Directive]

    /// `nil` where braces and semicolons do not fit together.
    init?(_ lines: [String]) {
        var stack: [(words: [String], first: Int, last: Int, children: [Directive])] = [
            ([], 0, 0, [])
        ]
        var words: [String] = []
        var first = 0
        for piece in Self.pieces(lines) {
            switch piece {
            case .word(let word, let line):
                if words.isEmpty { first = line }
                words.append(word)
            case .semicolon(let line):
                guard !words.isEmpty else { return nil }
                stack[stack.count - 1].children.append(
                    Directive(words: words, first: first, last: line, end: line))
                words = []
            case .open(let line):
                guard !words.isEmpty else { return nil }
                stack.append((words, first, line, []))
                words = []
            case .close(let line):
                guard words.isEmpty, stack.count > 1 else { return nil }
                let block = stack.removeLast()
                stack[stack.count - 1].children.append(
                    Directive(
                        words: block.words, first: block.first, last: block.last, end: line,
                        children: block.children))
            }
        }
        guard stack.count == 1, words.isEmpty else { return nil }
        directives = stack[0].children
    }

    var all: [Directive] { directives.flatMap(\.all) }

    private static func pieces(_ lines: [String]) -> [Piece] {
        var pieces: [Piece] = []
        var quote: Character?
        var word = ""
        for (index, line) in lines.enumerated() {
            var isEscaped = false
            for character in line + "\n" {
                if let open = quote {
                    if character == open, !isEscaped { quote = nil } else { word.append(character) }
                    isEscaped = character == "\\" && !isEscaped
                    continue
                }
                // `${name}` is no block.
                if character == "{", word.hasSuffix("$") || word.contains("${") {
                    word.append(character)
                    continue
                }
                if character == "}", word.contains("${") {
                    word.append(character)
                    continue
                }
                if word.isEmpty, character == "#" { break }
                if word.isEmpty, character == "\"" || character == "'" {
                    quote = character
                    continue
                }
                guard character.isWhitespace || "{};".contains(character) else {
                    word.append(character)
                    continue
                }
                if !word.isEmpty { pieces.append(.word(word, line: index)) }
                word = ""
                switch character {
                case "{": pieces.append(.open(line: index))
                case "}": pieces.append(.close(line: index))
                case ";": pieces.append(.semicolon(line: index))
                default: break
                }
            }
        }
        return pieces
    }
}
