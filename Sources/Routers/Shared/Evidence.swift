/// Makes text from outside fit to be shown: one line, no control characters, not too long.
enum Evidence {
    static let limit = 500

    static func line(_ text: some StringProtocol) -> String {
        let shown = text.unicodeScalars.prefix(limit).map { scalar in
            isHarmless(scalar) ? Character(scalar) : " "
        }
        return String(shown).split(separator: " ").joined(separator: " ")
    }

    static func line(_ bytes: some Collection<UInt8>) -> String {
        line(String(decoding: bytes.prefix(4 * limit), as: UTF8.self))
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator:
            false
        default:
            true
        }
    }
}
