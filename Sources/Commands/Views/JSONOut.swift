import Contracts
import FoundationEssentials

/// How every verb words its JSON: sorted keys, one document, no trailing blanks.
enum JSONOut {
    /// One line.
    static func line(_ value: some Encodable) -> String { encoded(value, [.sortedKeys]) }

    static func document(_ value: some Encodable) -> String {
        encoded(value, [.sortedKeys, .prettyPrinted])
    }

    /// One line about an event, which is spelled as in the journal: `"k"` is its name, `"v"` its values.
    static func line(_ head: some Encodable, _ event: RunEvent) -> String {
        let spelled = line(event)
        // {"name":values} becomes its two parts.
        guard let colon = spelled.firstIndex(of: ":") else {
            preconditionFailure("An event is an object with one key.")
        }
        let name = spelled[spelled.index(after: spelled.startIndex)..<colon]
        let values = spelled[spelled.index(after: colon)...].dropLast()
        return line(head).dropLast() + ",\"k\":\(name),\"v\":\(values)}"
    }

    private static func encoded(
        _ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting
    ) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting.union(.withoutEscapingSlashes)
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            preconditionFailure("Our own values hold nothing that JSON cannot say: \(error)")
        }
    }
}
