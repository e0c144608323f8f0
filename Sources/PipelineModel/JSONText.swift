/// JSON that is written in the order it was put together.
indirect enum JSONText {
    /// A number, `true`, `false` or `null`, as it is written.
    case literal(String)
    case text(String)
    case list([JSONText])
    case object([(key: String, value: JSONText)])

    /// On one line.
    var compact: String {
        switch self {
        case .literal(let text): text
        case .text(let text): Self.quoted(text)
        case .list(let items): "[" + items.map(\.compact).joined(separator: ",") + "]"
        case .object(let members):
            "{"
                + members.map { Self.quoted($0.key) + ":" + $0.value.compact }
                .joined(separator: ",") + "}"
        }
    }

    /// Two spaces for each level.
    func pretty(indent: String = "") -> String {
        let inner = indent + "  "
        switch self {
        case .literal, .text: return compact
        case .list(let items):
            guard !items.isEmpty else { return compact }
            let lines = items.map { inner + $0.pretty(indent: inner) }
            return "[\n" + lines.joined(separator: ",\n") + "\n\(indent)]"
        case .object(let members):
            guard !members.isEmpty else { return compact }
            let lines = members.map {
                inner + Self.quoted($0.key) + ": " + $0.value.pretty(indent: inner)
            }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
        }
    }

    /// Escapes also what JSON allows but YAML does not, so that both read the same.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\r": quoted += "\\r"
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{FEFF}",
                "\u{FFFE}", "\u{FFFF}":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
