/// The bytes of a file as text that the parser may see.
enum YAMLText {
    /// - Throws: for more bytes than the budget has, for what is not UTF-8, for control characters.
    static func checked(
        _ bytes: [UInt8], within budget: YAMLBudget
    ) throws(YAMLOutline.Refusal) -> String {
        guard bytes.count <= budget.bytes else {
            throw YAMLOutline.Refusal(
                line: 1, column: 1, message: "the file is larger than \(budget.bytes) bytes",
                hint: "is this the pipeline file?")
        }
        let isMarked = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        let content = isMarked ? bytes.dropFirst(3) : bytes[...]
        guard let text = String(validating: content, as: UTF8.self) else {
            throw notUTF8(content)
        }
        if let wrong = text.unicodeScalars.firstIndex(where: { !isAllowed($0) }) {
            throw refusal(
                after: text.unicodeScalars[..<wrong], "a control character is not allowed here",
                "in double quotes it can be written as \\xNN")
        }
        return text
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0x09, 0x0A, 0x0D, 0x85, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD,
            0x10000...0x10FFFF:
            true
        default: false
        }
    }

    private static func notUTF8(_ bytes: ArraySlice<UInt8>) -> YAMLOutline.Refusal {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var valid: [Unicode.Scalar] = []
        while case .scalarValue(let scalar) = decoder.decode(&iterator) { valid.append(scalar) }
        return refusal(after: valid[...], "not UTF-8 text", "save the file as UTF-8")
    }

    private static func refusal(
        after text: some Sequence<Unicode.Scalar>, _ message: String, _ hint: String
    ) -> YAMLOutline.Refusal {
        var (line, column) = (1, 1)
        for scalar in text {
            (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
        }
        return YAMLOutline.Refusal(line: line, column: column, message: message, hint: hint)
    }
}
