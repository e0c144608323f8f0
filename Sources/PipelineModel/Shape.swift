/// What a value of the pipeline file may be.
///
/// One description serves the reader, the JSON Schema and the reference, so the three cannot differ.
package indirect enum Shape: Sendable {
    /// Text. `.fixed` knows only `${env.X}` and `${var.X}` (it is needed before a run exists),
    /// `.template` knows the whole list of `Substitutes`, `.literal` knows no names at all.
    case text(TextKind)
    /// Literal text that may become the name of a folder.
    case name
    /// Where in a JSON document: `$.a.b[0]`.
    case jsonPath
    /// One word out of a closed list.
    case choice([String])
    /// One of these words, or the other shape.
    case either([String], Shape)
    case integer(ClosedRange<Int>)
    case boolean
    /// `500ms`, `5m`, `1m30s`: the unit is mandatory.
    case duration
    /// `99.5%`
    case percent
    /// `10MB`
    case size
    /// `50/s`
    case rate
    /// `< 1%`, `>= 0.95`, `< 300ms`, `<= 1.2x baseline`
    case threshold
    /// `3 of 5`
    case countOf
    /// An argument vector, or one text that `/bin/sh -c` runs and that is never substituted.
    case command
    case list(Shape)
    /// One value, or a list of them.
    case oneOrMany(Shape)
    /// Freely named keys.
    case named(Shape)
    /// Closed list of keys.
    case section(SettingsDescription)
    /// Any JSON value: what an expected answer may be.
    case anything
    /// A piece of this shape; what is missing comes from what it is laid over.
    case partial(Shape)
    /// Exactly one key out of a family of adapters, beside the keys of `SettingsDescription`.
    case adapter(AdapterFamily, beside: SettingsDescription)

    package enum TextKind: Sendable {
        case fixed
        case template
        /// As written: `$.id` is a path and no name.
        case literal
    }
}

/// The adapters that may stand at one kind of place in the file.
package enum AdapterFamily: String, Sendable, CaseIterable {
    case router
    case deployer
    case check
    case metric
}

/// One key of a section.
package struct Setting: Sendable {
    package enum Presence: Sendable {
        case required
        case optional
        /// Shown in the reference; the reader of the value applies it.
        case standard(String)
        /// Designed but not there yet: using it is an error that says so.
        case notBuiltYet
    }

    package let name: String
    package let shape: Shape
    package let presence: Presence
    /// One sentence for the reference and the schema.
    package let summary: String

    package init(
        _ name: String, _ shape: Shape, _ presence: Presence = .optional, _ summary: String
    ) {
        self.name = name
        self.shape = shape
        self.presence = presence
        self.summary = summary
    }
}

/// The keys of one section, in the order the reference shows them.
package struct SettingsDescription: Sendable {
    package let settings: [Setting]
    /// Of these keys one must be there, and only one.
    package let exactlyOneOf: [String]

    package init(_ settings: [Setting] = [], exactlyOneOf: [String] = []) {
        self.settings = settings
        self.exactlyOneOf = exactlyOneOf
    }

    package subscript(name: String) -> Setting? {
        settings.first { $0.name == name }
    }
}

/// How one adapter is written: `kind: value`, and the keys that may stand beside it.
package struct AdapterDescription: Sendable {
    package let kind: String
    /// The shape of the value behind the adapter's key.
    package let value: Shape
    /// Keys that only this adapter adds to the step around it.
    package let companions: SettingsDescription
    package let summary: String
    package let isBuilt: Bool

    package init(
        _ kind: String, _ value: Shape, companions: SettingsDescription = SettingsDescription(),
        summary: String, isBuilt: Bool = true
    ) {
        self.kind = kind
        self.value = value
        self.companions = companions
        self.summary = summary
        self.isBuilt = isBuilt
    }
}

/// Every adapter the file may name; filled from the catalogues.
package struct Vocabulary: Sendable {
    package let adapters: [AdapterFamily: [AdapterDescription]]

    package init(_ adapters: [AdapterFamily: [AdapterDescription]]) {
        self.adapters = adapters
    }

    package func adapter(_ family: AdapterFamily, _ kind: String) -> AdapterDescription? {
        adapters[family]?.first { $0.kind == kind }
    }
}
