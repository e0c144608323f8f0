import FoundationEssentials

/// The ways in which one secret can appear in text.
struct SecretForms {
    private let secret: String
    private let bytes: [UInt8]

    init(of secret: String) {
        self.secret = secret
        bytes = Array(secret.utf8)
    }

    var all: Set<[UInt8]> {
        let written = [secret] + evened + base64 + percentEncoded + Self.escapedByJSON(secret)
        // What a tool has written is put into JSON of ours, or of another tool.
        return Set((written + written.flatMap(Self.escapedByJSON)).map { Array($0.utf8) })
    }

    /// On one line, as text from outside is shown.
    private var evened: [String] {
        let line = secret.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count < Masker.shortestSecret ? [] : [line]
    }

    /// Alone, and as part of something longer (`user:secret`), where the characters at both edges
    /// depend on the neighbours and only those between are known.
    private var base64: [String] {
        let whole = Data(bytes).base64EncodedString()
        let parts = (0..<3).map { offset in
            let padded = Data(repeating: 0, count: offset) + bytes
            let unknownAtEnd = [0, 3, 2][padded.count % 3]
            return String(
                padded.base64EncodedString().dropFirst([0, 2, 3][offset]).dropLast(unknownAtEnd))
        }
        return ([whole] + parts).flatMap { text in
            [text, text.replacing("+", with: "-").replacing("/", with: "_")]
        }
    }

    /// By the strict rule, as JavaScript does it, and as forms do it; hexadecimal in either case.
    private var percentEncoded: [String] {
        ["-._~", "-_.!~*'()", "-._*"].flatMap { kept in
            [true, false].flatMap { isUppercase in
                let text = percentEncoded(keeping: kept, isUppercase: isUppercase)
                return [text, text.replacing("%20", with: "+")]
            }
        }
    }

    private func percentEncoded(keeping kept: String, isUppercase: Bool) -> String {
        bytes.map { byte in
            let character = Character(Unicode.Scalar(byte))
            let isPlain = character.isASCII && (character.isLetter || character.isNumber)
            guard !isPlain, !kept.contains(character) else { return String(character) }
            return "%" + Self.hexadecimal(byte, digits: 2, isUppercase: isUppercase)
        }.joined()
    }

    /// With and without escaped slashes, with and without everything beyond ASCII escaped.
    private static func escapedByJSON(_ text: String) -> [String] {
        [true, false].flatMap { escapesSlash in
            [true, false].map { onlyASCII in
                text.utf16.reduce(into: [UInt16]()) { text, unit in
                    text += jsonEscape(unit, escapesSlash: escapesSlash, onlyASCII: onlyASCII)
                }
            }
        }.map { String(decoding: $0, as: UTF16.self) }
    }

    private static func jsonEscape(_ unit: UInt16, escapesSlash: Bool, onlyASCII: Bool) -> [UInt16]
    {
        let short: [UInt16: String] = [
            0x22: "\\\"", 0x5C: "\\\\", 0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t", 0x08: "\\b",
            0x0C: "\\f",
        ]
        if let escape = short[unit] { return Array(escape.utf16) }
        if unit == 0x2F, escapesSlash { return Array("\\/".utf16) }
        guard unit < 0x20 || (onlyASCII && unit > 0x7E) else { return [unit] }
        return Array("\\u\(hexadecimal(unit, digits: 4, isUppercase: false))".utf16)
    }

    private static func hexadecimal(
        _ value: some FixedWidthInteger, digits: Int, isUppercase: Bool
    ) -> String {
        let text = String(value, radix: 16, uppercase: isUppercase)
        return String(repeating: "0", count: digits - text.count) + text
    }
}
