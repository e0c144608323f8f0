/// Makes bytes from outside harmless to a terminal and to the log reader of a CI service.
///
/// Promises: of the control characters only line feed and tab remain; nothing invisible and
/// nothing that reorders text remains; each is shown as `\u{1b}`. Applying it twice changes
/// nothing more.
package struct Sanitizer: Sendable {
    /// The longest line, in bytes of UTF-8; what is longer is cut and the cut is shown.
    package static let longestLine = 4096

    private let defusesWorkflowCommands: Bool

    /// `environment` tells whether a CI service reads what we print (`GITHUB_ACTIONS`, `TF_BUILD`).
    package init(environment: [String: String] = [:]) {
        defusesWorkflowCommands = ["GITHUB_ACTIONS", "TF_BUILD"].contains { name in
            environment[name].map { !$0.isEmpty } ?? false
        }
    }

    package func sanitized(_ text: String) -> String {
        defused(escaped(text, keepingLines: true))
    }

    /// Bytes that are not UTF-8 are shown as `\x{ff}`.
    package func sanitized(_ bytes: some Sequence<UInt8>) -> String {
        sanitized(Self.decoded(Array(bytes)))
    }

    /// Without defusing, which needs to see whole lines. Line breaks are shown as `\n` unless kept.
    func escaped(_ text: String, keepingLines: Bool) -> String {
        guard keepingLines else { return Self.capped(escapedScalars(text, keeping: "\t")) }
        let lines = escapedScalars(text, keeping: "\n\t").split(
            separator: "\n", omittingEmptySubsequences: false)
        return lines.map { Self.capped(String($0)) }.joined(separator: "\n")
    }

    /// Our own JSON, in which everything dangerous can only be inside a string: it is escaped as
    /// JSON does it, so that the document means the same. Lines are not cut.
    func escaped(json: String) -> String {
        let isPlain = json.utf8.allSatisfy { 0x20..<0x7F ~= $0 || "\n\t".utf8.contains($0) }
        let safe = isPlain ? json : escapedScalars(json: json)
        return defusesWorkflowCommands ? safe.replacing("##", with: "#\\u0023") : safe
    }

    private func escapedScalars(json: String) -> String {
        var safe = ""
        for scalar in json.unicodeScalars {
            guard isDangerous(scalar), !"\n\t".unicodeScalars.contains(scalar) else {
                safe.unicodeScalars.append(scalar)
                continue
            }
            for unit in String(scalar).utf16 {
                safe += "\\u" + String(repeating: "0", count: 4 - unit.hex.count) + unit.hex
            }
        }
        return safe
    }

    /// No line of the answer is a workflow command. GitHub looks for `::` after leading white
    /// space; both services look for `##[` and `##vso[` anywhere in a line.
    func defused(_ text: String) -> String {
        guard defusesWorkflowCommands else { return text }
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.map { line in
            let words = line.drop { $0.properties.isWhitespace }
            let isCommand = ["::", "##"].contains { words.starts(with: $0.unicodeScalars) }
            let harmless = ["[", "vso["].reduce(String.UnicodeScalarView(line)) { line, ending in
                line.replacing(
                    "##\(ending)".unicodeScalars, with: "#\\u{23}\(ending)".unicodeScalars)
            }
            return (isCommand ? "| " : "") + String(harmless)
        }.joined(separator: "\n")
    }

    private func escapedScalars(_ text: String, keeping kept: String) -> String {
        guard !text.utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) else { return text }
        var safe = ""
        for scalar in text.unicodeScalars {
            guard isDangerous(scalar), !kept.unicodeScalars.contains(scalar) else {
                safe.unicodeScalars.append(scalar)
                continue
            }
            safe += scalar == "\n" ? "\\n" : "\\u{\(scalar.value.hex)}"
        }
        return safe
    }

    private func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
        guard !(0x20..<0x7F ~= scalar.value) else { return false }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
            return true
        default:
            // Variation selectors 15 and 16 choose between text and emoji. A CI service compares
            // by rules that overlook them, so that they could hide a command.
            let choosesPresentation = scalar == "\u{FE0E}" || scalar == "\u{FE0F}"
            guard defusesWorkflowCommands || !choosesPresentation else { return false }
            return scalar.properties.isDefaultIgnorableCodePoint
                || scalar.properties.isNoncharacterCodePoint
        }
    }

    private static func capped(_ line: String) -> String {
        let length = line.utf8.count
        guard length > longestLine else { return line }
        // A character is at most four bytes, so one of four places to cut is between two.
        let kept =
            (0..<4).lazy.compactMap { String(line.utf8.prefix(longestLine - $0)) }.first ?? ""
        return kept + "… (\(length - kept.utf8.count) more bytes)"
    }

    private static func decoded(_ bytes: [UInt8]) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        var text = ""
        var rest = bytes[...]
        while let first = rest.first {
            let scalar = (1...4).lazy.compactMap {
                String(validating: rest.prefix($0), as: UTF8.self)
            }.first
            text += scalar ?? "\\x{\(first.hex)}"
            rest = rest.dropFirst(scalar?.utf8.count ?? 1)
        }
        return text
    }
}

extension FixedWidthInteger {
    fileprivate var hex: String { String(self, radix: 16) }
}
