// How many columns of a terminal text takes, so that columns align and live lines never wrap.

extension Character {
    /// 0 for a lone combining mark, 2 for wide characters and emoji, otherwise 1.
    var columns: Int {
        guard !isASCII else { return 1 }
        return unicodeScalars.map(\.columns).max() ?? 0
    }
}

extension Unicode.Scalar {
    fileprivate var columns: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark:
            // An emoji presentation selector widens the character before it.
            return value == 0xFE0F ? 2 : 0
        default:
            let isWide = properties.isEmojiPresentation || wideRanges.contains { $0 ~= value }
            return isWide ? 2 : 1
        }
    }
}

extension StringProtocol {
    var columns: Int {
        reduce(0) { $0 + $1.columns }
    }
}

// These expect text that has been cleaned.
extension Text {
    var columns: Int { spans.reduce(0) { $0 + $1.content.columns } }

    /// With blanks for line breaks and tabs.
    var onOneLine: Text {
        Text(
            spans: spans.map { span in
                var span = span
                span.content = String(
                    span.content.map { $0 == "\n" || $0 == "\t" ? " " : $0 })
                return span
            })
    }

    /// The longest beginning that fits, with `…` as its last column if anything was cut.
    func cut(toColumns limit: Int) -> Text {
        guard limit > 0 else { return Text(spans: []) }
        guard columns > limit else { return self }
        var room = limit - 1
        var kept: [Span] = []
        for var span in spans where room >= 0 {
            span.content = String(
                span.content.prefix { character in
                    room -= character.columns
                    return room >= 0
                })
            kept.append(span)
        }
        kept[kept.endIndex - 1].content += "…"
        return Text(spans: kept)
    }
}

/// East Asian wide and fullwidth blocks, and the pictographs that terminals draw two columns wide.
private let wideRanges: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F,
    0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
    0x16FE0...0x18DFF, 0x1B000...0x1B2FF, 0x1F200...0x1F2FF, 0x1F300...0x1F64F,
    0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x1FA70...0x1FAFF, 0x20000...0x3FFFD,
]
