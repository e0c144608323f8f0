/// Walks the outline of a YAML text before the parser does, and refuses what would exhaust it.
///
/// The parser resolves aliases while it reads and hashes every key, so nesting, the number of values
/// and keys that are not plain text have to be judged before. This follows the tokens of libYAML
/// and is never less strict; what is merely wrong is left to the parser.
struct YAMLOutline {
    struct Refusal: Error {
        let line: Int
        let column: Int
        let message: String
        let hint: String
    }

    private let bytes: [UInt8]
    private let budget: YAMLBudget
    private var index = 0
    private var line = 1
    private var lineStart = 0
    private var nodes = 0
    /// Columns at which block collections began.
    private var indents: [Int] = []
    private var flowDepth = 0
    /// Where the first token of this line began: the column of a mapping if a `:` follows.
    private var keyColumn: Int?

    /// - Throws: `Refusal` for the first thing the parser must not see.
    static func check(_ bytes: [UInt8], within budget: YAMLBudget) throws(Refusal) {
        var outline = YAMLOutline(bytes: bytes, budget: budget)
        outline.skipToToken()
        while outline.index < bytes.count {
            try outline.readToken()
            outline.skipToToken()
        }
    }

    private init(bytes: [UInt8], budget: YAMLBudget) {
        self.bytes = bytes
        self.budget = budget
    }

    // MARK: Tokens

    private mutating func readToken() throws(Refusal) {
        if flowDepth == 0 { while let last = indents.last, last > column { indents.removeLast() } }
        if isDocumentMark {
            indents = []
            index += 3
            return
        }
        switch bytes[index] {
        case UInt8(ascii: "%") where column == 0:
            throw refusal("a YAML directive is not understood", "remove this line")
        case UInt8(ascii: "!"):
            throw refusal(
                "a YAML tag is not understood", "remove it; quote text that begins with '!'")
        case UInt8(ascii: "?") where flowDepth > 0 || isBlank(at: index + 1):
            throw notAKey
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            try beginNode()
            flowDepth += 1
            index += 1
            try checkDepth()
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
            flowDepth = max(0, flowDepth - 1)
            index += 1
            try refuseAsKey()
        case UInt8(ascii: ","):
            index += 1
        case UInt8(ascii: "-") where isBlank(at: index + 1):
            try beginBlock(at: column)
        case UInt8(ascii: ":") where flowDepth > 0 || isBlank(at: index + 1):
            try beginBlock(at: keyColumn)
        default:
            try readScalar()
        }
    }

    private mutating func readScalar() throws(Refusal) {
        try beginNode()
        switch bytes[index] {
        case UInt8(ascii: "&"), UInt8(ascii: "*"):
            let isAlias = bytes[index] == UInt8(ascii: "*")
            index += 1
            while index < bytes.count, isNameByte(bytes[index]) { index += 1 }
            if isAlias { try refuseAsKey() }
        case UInt8(ascii: "|") where flowDepth == 0, UInt8(ascii: ">") where flowDepth == 0:
            skipBlockScalar()
        case UInt8(ascii: "'"):
            skipQuoted(by: UInt8(ascii: "'"), escape: nil)
        case UInt8(ascii: "\""):
            skipQuoted(by: UInt8(ascii: "\""), escape: UInt8(ascii: "\\"))
        default:
            skipPlain()
        }
    }

    private mutating func beginNode() throws(Refusal) {
        nodes += 1
        if keyColumn == nil { keyColumn = column }
        guard nodes <= budget.nodes else {
            throw refusal(
                "the file holds more than \(budget.nodes) values",
                "split what is not a pipeline off")
        }
    }

    /// `-` begins a list, `:` a mapping, where none is open at this column.
    private mutating func beginBlock(at start: Int?) throws(Refusal) {
        if flowDepth == 0, let start, start > indents.last ?? -1 { indents.append(start) }
        keyColumn = nil
        index += 1
        try checkDepth()
    }

    private func checkDepth() throws(Refusal) {
        guard indents.count + flowDepth > budget.depth else { return }
        throw refusal("nested more than \(budget.depth) levels deep", "flatten this part")
    }

    private func refuseAsKey() throws(Refusal) {
        let next = bytes[index...].first { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        if next == UInt8(ascii: ":") { throw notAKey }
    }

    private var notAKey: Refusal {
        refusal("a key must be text", "write the key out, in quotes if need be")
    }

    // MARK: Scalars

    private mutating func skipQuoted(by quote: UInt8, escape: UInt8?) {
        index += 1
        while index < bytes.count {
            if bytes[index] == escape {
                index += 1
                if index < bytes.count, !skipBreak() { index += 1 }
            } else if bytes[index] == quote {
                index += 1
                guard escape == nil, index < bytes.count, bytes[index] == quote else { return }
                index += 1
            } else if !skipBreak() {
                index += 1
            }
        }
    }

    private mutating func skipPlain() {
        let least = (indents.last ?? -1) + 1
        var isFirst = true
        while index < bytes.count, isFirst || !isDocumentMark, bytes[index] != UInt8(ascii: "#") {
            while index < bytes.count, isFirst || !endsPlain(at: index) {
                isFirst = false
                index += 1
            }
            guard index < bytes.count, isBlank(at: index) else { return }
            skipBlanksAndBreaks()
            if flowDepth == 0, column < least { return }
        }
    }

    private func endsPlain(at place: Int) -> Bool {
        if isBlank(at: place) { return true }
        if bytes[place] == UInt8(ascii: ":") { return isBlank(at: place + 1) }
        return flowDepth > 0 && Self.flowIndicators.contains(bytes[place])
    }

    private static let flowIndicators = Array(",[]{}".utf8)

    private mutating func skipBlockScalar() {
        let parent = indents.last ?? -1
        var least: Int?
        index += 1
        while !isBlank(at: index) {
            if (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(bytes[index]) {
                least = max(parent, 0) + Int(bytes[index] - UInt8(ascii: "0"))
            }
            index += 1
        }
        while index < bytes.count, breakLength(at: index) == 0 { index += 1 }
        _ = skipBreak()
        skipBlockContent(parent: parent, least: least)
    }

    private mutating func skipBlockContent(parent: Int, least: Int?) {
        var least = least
        var widest = 0
        while index < bytes.count {
            while index < bytes.count, bytes[index] == UInt8(ascii: " "), column < least ?? .max {
                index += 1
            }
            if skipBreak(recording: &widest) { continue }
            let indent = least ?? max(widest, column, parent + 1, 1)
            guard column >= indent else {
                index = lineStart
                return
            }
            least = indent
            while index < bytes.count, breakLength(at: index) == 0 { index += 1 }
            _ = skipBreak()
        }
    }

    // MARK: Blanks

    private mutating func skipToToken() {
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "#") {
                while index < bytes.count, breakLength(at: index) == 0 { index += 1 }
            }
            guard index < bytes.count, isBlank(at: index) else { return }
            if !skipBreak() { index += 1 }
        }
    }

    private mutating func skipBlanksAndBreaks() {
        while index < bytes.count, isBlank(at: index) {
            if !skipBreak() { index += 1 }
        }
    }

    private mutating func skipBreak(recording widest: inout Int) -> Bool {
        widest = max(widest, column)
        return skipBreak()
    }

    private mutating func skipBreak() -> Bool {
        let length = breakLength(at: index)
        guard length > 0 else { return false }
        index += length
        line += 1
        lineStart = index
        keyColumn = nil
        return true
    }

    /// The bytes of a line break: also those that only YAML 1.1 knows.
    private func breakLength(at place: Int) -> Int {
        guard place < bytes.count else { return 0 }
        switch bytes[place] {
        case 0x0A: return 1
        case 0x0D: return byte(place + 1) == 0x0A ? 2 : 1
        case 0xC2: return byte(place + 1) == 0x85 ? 2 : 0
        case 0xE2:
            let isSeparator =
                byte(place + 1) == 0x80 && (byte(place + 2) == 0xA8 || byte(place + 2) == 0xA9)
            return isSeparator ? 3 : 0
        default: return 0
        }
    }

    /// A space, a tab, a line break or the end.
    private func isBlank(at place: Int) -> Bool {
        guard let byte = byte(place) else { return true }
        return byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || breakLength(at: place) > 0
    }

    private var isDocumentMark: Bool {
        guard column == 0, isBlank(at: index + 3), index + 3 <= bytes.count else { return false }
        let mark = bytes[index..<index + 3]
        return mark.elementsEqual("---".utf8) || mark.elementsEqual("...".utf8)
    }

    private func isNameByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private func byte(_ place: Int) -> UInt8? { place < bytes.count ? bytes[place] : nil }

    private var column: Int { index - lineStart }

    private func refusal(_ message: String, _ hint: String) -> Refusal {
        let before = bytes[lineStart..<min(index, bytes.count)]
        let column = before.count { $0 & 0xC0 != 0x80 } + 1
        return Refusal(line: line, column: column, message: message, hint: hint)
    }
}
