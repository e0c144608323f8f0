/// Text with `${name}` in it; filled in once, never re-read for names.
package struct Template: Sendable, Hashable {
    package enum Part: Sendable, Hashable {
        case text(String)
        case name(String)
    }

    package let parts: [Part]
    package let position: Position

    package init(_ parts: [Part], at position: Position) {
        self.parts = parts
        self.position = position
    }

    /// The names that must be known to fill this in.
    package var names: [String] {
        parts.compactMap { if case .name(let name) = $0 { name } else { nil } }
    }

    /// The text with every name replaced.
    ///
    /// - Throws: `MissingSubstitute` for the first name that has no value now.
    package func filled(_ substitutes: Substitutes) throws(MissingSubstitute) -> String {
        var text = ""
        for part in parts {
            switch part {
            case .text(let literal):
                text += literal
            case .name(let name):
                guard let value = substitutes[name] else {
                    throw MissingSubstitute(name: name, position: position)
                }
                text += value
            }
        }
        return text
    }

    /// True where the text begins with something that is only known when it is filled in.
    package var startsWithName: Bool {
        if case .name = parts.first { true } else { false }
    }
}

/// A `${name}` that is in the closed list but has no value at this point of the run.
package struct MissingSubstitute: Error, Hashable {
    package let name: String
    package let position: Position

    package init(name: String, position: Position) {
        self.name = name
        self.position = position
    }
}

/// The values behind `${name}` at one moment of a run.
package struct Substitutes: Sendable {
    package var values: [String: String]
    /// `env.X` and `var.X`.
    package let constants: Constants

    package init(_ values: [String: String] = [:], constants: Constants) {
        self.values = values
        self.constants = constants
    }

    package subscript(name: String) -> String? {
        values[name] ?? constants[name]
    }
}
