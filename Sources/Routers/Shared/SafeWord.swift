import PipelineModel

/// Checks the words of the pipeline file that end up inside commands to a router.
enum SafeWord {
    /// A name out of letters, digits and `._:-` that begins with a letter or digit.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, isAlphanumeric(first) else { return false }
        return text.utf8.allSatisfy { isAlphanumeric($0) || "._:-".utf8.contains($0) }
    }

    /// A path without anything that could end a word or a command.
    static func isPath(_ text: String) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy { scalar in
                !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
                    && !";\\<\"'".unicodeScalars.contains(scalar)
            }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122: true
        default: false
        }
    }
}

extension Section {
    /// A name that may stand in a command; anything else is reported and reads as `nil`.
    func name(_ key: String) -> String? {
        checked(key, SafeWord.isName, hint: "use letters, digits and . _ : -")
    }

    /// A path that may stand in a command; anything else is reported and reads as `nil`.
    func path(_ key: String) -> String? {
        checked(key, SafeWord.isPath, hint: "use a path without spaces, quotes, ';', '<' and '\\'")
    }

    /// Reads with a report of its own: mistakes elsewhere in the file do not stop a router that is
    /// sound, and a mistake in any of its settings does.
    func readingAlone<Value>(_ read: (Section) -> Value?) -> Value? {
        let own = Report()
        let value = read(section(at: node, reportingTo: own))
        own.diagnostics.forEach(report.add)
        return own.hasErrors ? nil : value
    }

    private func checked(_ key: String, _ isSafe: (String) -> Bool, hint: String) -> String? {
        guard let word = text(key) else { return nil }
        guard isSafe(word) else {
            report.error(at: position(of: key), "'\(key)' cannot be used as it is", hint: hint)
            return nil
        }
        return word
    }
}
