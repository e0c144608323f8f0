/// A configuration of nginx as its directives and blocks, each with its place in the text.
struct NginxConfiguration {
    struct Directive {
        /// Without quotes.
        let words: [String]
        /// Where each of them stands, between its quotes.
        let places: [Range<TextPlace>]
        /// Behind the `{` or `;`, and behind the `}` of a block.
        let head: TextPlace
        let end: TextPlace
        let children: [Directive]

        var name: String { words[0] }
        var start: TextPlace { places[0].lowerBound }

        /// Itself and everything inside.
        var all: [Directive] { [self] + children.flatMap(\.all) }
    }

    private struct Word {
        var text: String
        var place: Range<TextPlace>

        mutating func end(at end: TextPlace) { place = place.lowerBound..<end }
    }

    private enum Piece {
        case word(Word)
        case open(TextPlace)
        case close(TextPlace)
        case semicolon(TextPlace)
    }

    private struct Block {
        let words: [Word]
        let head: TextPlace
        var children: [Directive] = []
    }

    let directives: [Directive]

    /// `nil` where braces and semicolons do not fit together.
    init?(_ lines: [String]) {
        var stack = [Block(words: [], head: TextPlace(line: 0, column: 0))]
        var words: [Word] = []
        for piece in Self.pieces(lines) {
            switch piece {
            case .word(let word):
                words.append(word)
            case .semicolon(let place):
                guard !words.isEmpty else { return nil }
                let statement = Block(words: words, head: place)
                stack[stack.count - 1].children.append(Self.directive(statement, end: place))
                words = []
            case .open(let place):
                guard !words.isEmpty else { return nil }
                stack.append(Block(words: words, head: place))
                words = []
            case .close(let place):
                guard words.isEmpty, stack.count > 1 else { return nil }
                let block = stack.removeLast()
                stack[stack.count - 1].children.append(Self.directive(block, end: place))
            }
        }
        guard stack.count == 1, words.isEmpty else { return nil }
        directives = stack[0].children
    }

    var all: [Directive] { directives.flatMap(\.all) }

    private static func directive(_ block: Block, end: TextPlace) -> Directive {
        Directive(
            words: block.words.map(\.text), places: block.words.map(\.place), head: block.head,
            end: end, children: block.children)
    }

    private static func pieces(_ lines: [String]) -> [Piece] {
        var pieces: [Piece] = []
        var quote: Character?
        var word: Word?
        func end() {
            if let word { pieces.append(.word(word)) }
            word = nil
        }
        for (line, text) in lines.enumerated() {
            var isEscaped = false
            var column = 0
            for character in text + "\n" {
                let place = TextPlace(line: line, column: column)
                column += character.utf8.count
                let next = TextPlace(line: line, column: column)
                if let open = quote {
                    if character == open, !isEscaped {
                        quote = nil
                        word?.end(at: place)
                        end()
                    } else {
                        word?.text.append(character)
                    }
                    isEscaped = character == "\\" && !isEscaped
                    continue
                }
                if word == nil, character == "#" { break }
                if let part = word?.text, goesOn(part, with: character) {
                    word?.text.append(character)
                    word?.end(at: next)
                    continue
                }
                end()
                switch character {
                case "{": pieces.append(.open(next))
                case "}": pieces.append(.close(next))
                case ";": pieces.append(.semicolon(next))
                case "\"", "'":
                    quote = character
                    word = Word(text: "", place: next..<next)
                case _ where character.isWhitespace: break
                default: word = Word(text: String(character), place: place..<next)
                }
            }
        }
        return pieces
    }

    /// Whether a word without quotes goes on; `${name}` is no block.
    private static func goesOn(_ word: String, with character: Character) -> Bool {
        switch character {
        case "{": word.hasSuffix("$") || word.contains("${")
        case "}": word.contains("${")
        default: character != ";" && !character.isWhitespace
        }
    }
}
