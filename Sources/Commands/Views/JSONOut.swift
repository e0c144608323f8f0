import FoundationEssentials

/// How every verb words its JSON: sorted keys, one document, no trailing blanks.
enum JSONOut {
    /// One line.
    static func line(_ value: some Encodable) -> String { encoded(value, [.sortedKeys]) }

    static func document(_ value: some Encodable) -> String {
        encoded(value, [.sortedKeys, .prettyPrinted])
    }

    private static func encoded(
        _ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting
    ) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting.union(.withoutEscapingSlashes)
        // Our own values hold nothing that JSON cannot say, except a number that is none.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        guard let data = try? encoder.encode(value) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}
