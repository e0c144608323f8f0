/// Reads `${name}` out of text; `$$` is a dollar.
package enum TemplateParser {
    /// The parts of `text`, and what is wrong with it; a wrong piece is kept as it was written.
    package static func parse(_ text: String) -> (parts: [Template.Part], mistakes: [String]) {
        guard text.utf8.contains(UInt8(ascii: "$")) else {
            return (text.isEmpty ? [] : [.text(text)], [])
        }
        var parts: [Template.Part] = []
        var mistakes: [String] = []
        var literal = ""
        var rest = Substring(text)
        // Asked for once: where nothing closes, each dollar would look through all that follows.
        let lastEnd = rest.lastIndex(of: "}") ?? rest.startIndex
        while let dollar = rest.firstIndex(of: "$") {
            literal += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$$") {
                literal += "$"
                rest = rest.dropFirst(2)
                continue
            }
            guard rest.hasPrefix("${"), dollar < lastEnd, let end = rest.firstIndex(of: "}") else {
                mistakes.append(loneDollar(rest))
                literal += "$"
                rest = rest.dropFirst()
                continue
            }
            let name = rest[..<end].dropFirst(2)
            if let mistake = mistake(in: name) {
                mistakes.append(mistake)
                literal += rest[...end]
            } else {
                if !literal.isEmpty { parts.append(.text(literal)) }
                literal = ""
                parts.append(.name(String(name)))
            }
            rest = rest[end...].dropFirst()
        }
        literal += rest
        if !literal.isEmpty { parts.append(.text(literal)) }
        return (parts, mistakes)
    }

    /// `text` so that reading it as a template gives `text` again.
    package static func escaped(_ text: String) -> String {
        text.split(separator: "$", omittingEmptySubsequences: false).joined(separator: "$$")
    }

    private static func loneDollar(_ rest: Substring) -> String {
        rest.hasPrefix("${")
            ? "'${' is never closed; write '$$' for a dollar"
            : "a lone '$' means nothing; write '$$' for a dollar"
    }

    private static func mistake(in name: Substring) -> String? {
        if name.isEmpty { return "'${}' names nothing" }
        guard name.contains(where: { "${".contains($0) }) else { return nil }
        return "'${' within '${': values are filled in once, so names cannot be put together"
    }
}
