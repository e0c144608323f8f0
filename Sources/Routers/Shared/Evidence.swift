/// Makes text from outside fit to be shown: one line, no control characters, not too long. `…` where
/// it is cut, so that half a secret is recognised.
enum Evidence {
    static let limit = 500

    static func line(_ text: some StringProtocol) -> String {
        let scalars = text.unicodeScalars.prefix(limit + 1)
        let shown = scalars.prefix(limit).map { isHarmless($0) ? Character($0) : " " }
        let line = String(shown).split(separator: " ").joined(separator: " ")
        return scalars.count > limit ? line + "…" : line
    }

    static func line(_ bytes: some Collection<UInt8>) -> String {
        // No scalar has more than four bytes.
        line(String(decoding: bytes.prefix(4 * (limit + 1)), as: UTF8.self))
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
