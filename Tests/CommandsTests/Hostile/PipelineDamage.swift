import ShopRig
import TestWorld

/// One way in which a pipeline file is broken, by accident or on purpose.
enum PipelineDamage: String, CaseIterable, Sendable {
    case flippedBytes, insertedBytes, droppedBytes, cutOff, oddSigns
    case droppedLines, doubledLines, swappedLines, movedLine, indentedLines, joinedLines
    case misspeltKeys, repeatedKey, unknownKey, hugeKey
    case wrongTypes, hugeValue, emptyValues, wrongPlaceholder
    case aliasBomb, aliasLoop, mergeKey, tag, directive, secondDocument
    case deepBrackets, deepMappings, deepLists
    case nul, controls, escapes, invalidUTF8, overlongUTF8, surrogates, otherEncoding
    case tabs, carriageReturns, onlyCarriageReturns, byteOrderMark, oddLineBreaks, bidi

    /// The same dice give the same damage.
    func applied(to whole: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        switch self {
        case .flippedBytes, .insertedBytes, .droppedBytes, .cutOff, .oddSigns:
            damagedBytes(whole, &random)
        case .droppedLines, .doubledLines, .swappedLines, .movedLine, .indentedLines,
            .joinedLines:
            damagedLines(whole, &random)
        case .misspeltKeys, .repeatedKey, .unknownKey, .hugeKey, .wrongTypes, .hugeValue,
            .emptyValues, .wrongPlaceholder:
            damagedEntries(whole, &random)
        case .aliasBomb, .aliasLoop, .mergeKey, .tag, .directive, .secondDocument,
            .deepBrackets, .deepMappings, .deepLists:
            withConstruct(whole, &random)
        case .nul, .controls, .escapes, .invalidUTF8, .overlongUTF8, .surrogates, .bidi:
            inserting(whole, strangers(&random), &random)
        case .otherEncoding, .tabs, .carriageReturns, .onlyCarriageReturns, .byteOrderMark,
            .oddLineBreaks:
            rewritten(whole, &random)
        }
    }

    // MARK: - Bytes

    private func damagedBytes(_ whole: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = whole
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            let place = Int.random(in: bytes.indices, using: &random)
            switch self {
            case .flippedBytes: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
            case .insertedBytes:
                bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            case .droppedBytes: bytes.removeSubrange(place..<min(bytes.count, place + 3))
            case .cutOff: bytes.removeSubrange(max(place, 20)...)
            default:
                bytes.insert(random.pick(Array("[]{}:,-&*!|>'\"%#?@`\n\t ".utf8)), at: place)
            }
            if bytes.count < 40 { break }
        }
        return bytes
    }

    private func inserting(
        _ whole: [UInt8], _ strangers: [UInt8], _ random: inout SeededRandom
    ) -> [UInt8] {
        var bytes = whole
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            bytes.insert(
                contentsOf: strangers, at: Int.random(in: 0...bytes.count, using: &random))
        }
        return bytes
    }

    private func strangers(_ random: inout SeededRandom) -> [UInt8] {
        switch self {
        case .nul: [0]
        case .controls: [UInt8.random(in: 1...8, using: &random), 0x7F, 0x1F]
        case .escapes:
            Array(random.pick(["\u{1b}[2J", "\u{1b}]0;x\u{7}", "\u{9b}31m", "\"\\e[2J\""]).utf8)
        case .invalidUTF8: [UInt8.random(in: 0x80...0xBF, using: &random), 0xFF]
        case .overlongUTF8: [0xC0, 0xAF, 0xE0, 0x80, 0xAF]
        case .surrogates: [0xED, 0xA0, 0x80]
        default: Array(random.pick(["\u{202e}", "\u{2066}", "\u{200b}", "\u{2029}"]).utf8)
        }
    }

    // MARK: - Lines

    private func damagedLines(_ whole: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var lines = whole.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
        for _ in 0..<Int.random(in: 1...4, using: &random) where lines.count > 3 {
            let place = Int.random(in: lines.indices, using: &random)
            let other = Int.random(in: lines.indices, using: &random)
            switch self {
            case .droppedLines: lines.remove(at: place)
            case .doubledLines: lines.insert(lines[place], at: place)
            case .swappedLines: lines.swapAt(place, other)
            case .movedLine: lines.insert(lines.remove(at: place), at: min(other, lines.count))
            case .indentedLines:
                lines[place].insert(
                    contentsOf: repeatElement(32, count: Int.random(in: 1...5, using: &random)),
                    at: 0)
            default: lines[place] += lines.remove(at: (place + 1) % lines.count)
            }
        }
        return Array(lines.joined(separator: [10]))
    }

    // MARK: - Keys and values

    private func damagedEntries(_ whole: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var lines = String(decoding: whole, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let entries = lines.indices.filter { lines[$0].contains(": ") || lines[$0].hasSuffix(":") }
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let place = random.pick(entries)
            guard let colon = lines[place].firstIndex(of: ":") else { continue }
            let indent = String(lines[place].prefix { $0 == " " || $0 == "-" })
            let key = lines[place][..<colon]
            switch self {
            case .misspeltKeys: lines[place].swapAt(before: colon)
            case .repeatedKey: lines[place] += "\n" + lines[place]
            case .unknownKey: lines[place] += "\n\(indent)surprise: [1, {two: 3}]"
            case .hugeKey:
                lines[place] += "\n\(indent)\(String(repeating: "k", count: 20_000)): 1"
            default: lines[place] = "\(key): \(value(&random))"
            }
        }
        return Array(lines.joined(separator: "\n").utf8)
    }

    private func value(_ random: inout SeededRandom) -> String {
        switch self {
        case .wrongTypes:
            random.pick([
                "[]", "{}", "[[1]]", "{a: {b: c}}", "true", "no", "-1", "1e999",
                "0x7fffffffffffffff",
                "99999999999999999999999", "~", "|", ">-", "2026-01-02", "'", ".nan", "5mm", "-5s",
            ])
        case .hugeValue: random.pick(["x", "9", "${color}", "é"]) * 20_000
        case .wrongPlaceholder:
            random.pick([
                "${", "${}", "${${color}}", "$", "${env.NOBODY}", "${a b}", "${color", "$${color}",
            ])
        default: ""
        }
    }

    // MARK: - Constructs

    private func withConstruct(_ whole: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        let depth = random.pick([60, 65, 200, 5000])
        let addition: String
        switch self {
        case .aliasBomb: addition = Self.laughs(levels: Int.random(in: 2...9, using: &random))
        case .aliasLoop: addition = "x-a: &a [*a, {b: *a}]\n"
        case .mergeKey: addition = "x-a: &a {b: 1}\nrollback:\n  <<: *a\n"
        case .tag: addition = "x-a: !!python/object:os.system [rm]\nretire: !!set {after: 1h}\n"
        case .directive: return Array("%YAML 9.9\n%TAG ! x\n---\n".utf8) + whole
        case .secondDocument: addition = "---\nservice: other\n"
        case .deepBrackets: addition = "x-a: " + "[" * depth + "]" * (depth / 2)
        case .deepMappings: addition = "x-a: " + "{a: " * depth
        default: addition = "x-a:\n" + "- " * depth + "x\n"
        }
        return random.pick([whole + Array("\n\(addition)".utf8), Array(addition.utf8) + whole])
    }

    private static func laughs(levels: Int) -> String {
        (1...levels).reduce("x-0: &a0 [x,x,x,x,x,x,x,x,x]\n") { text, level in
            text + "x-\(level): &a\(level) [" + "*a\(level - 1)," * 9 + "]\n"
        }
    }

    // MARK: - The whole

    private func rewritten(_ whole: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        let text = String(decoding: whole, as: UTF8.self)
        switch self {
        case .otherEncoding:
            return [0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        case .tabs: return Array(text.replacing("  ", with: "\t").utf8)
        case .carriageReturns: return Array(text.replacing("\n", with: "\r\n").utf8)
        case .onlyCarriageReturns: return Array(text.replacing("\n", with: "\r").utf8)
        case .byteOrderMark:
            return Array("\u{feff}\(random.pick(["", "\u{feff}"]))\(text)\u{feff}".utf8)
        default:
            let odd = random.pick(["\u{85}", "\u{2028}", "\u{2029}", "\u{b}", "\u{c}"])
            return Array(text.replacing("\n", with: odd, maxReplacements: 5).utf8)
        }
    }
}

private func * (text: String, count: Int) -> String { String(repeating: text, count: count) }

extension String {
    /// Swaps the two characters in front of that place.
    fileprivate mutating func swapAt(before place: Index) {
        guard distance(from: startIndex, to: place) >= 2 else { return }
        let second = index(before: place)
        let first = index(before: second)
        replaceSubrange(first...second, with: [self[second], self[first]])
    }
}
