/// The JSON Schema (draft 2020-12) of the pipeline file, for editors.
package enum JSONSchema {
    /// The same text for the same vocabulary, ending with a line break. What is not built yet is
    /// left out, so that an editor marks it.
    package static func document(_ vocabulary: Vocabulary) -> String {
        let writer = SchemaWriter(vocabulary: vocabulary, isPartial: false)
        let families: [(AdapterFamily, SettingsDescription)] = [
            (.router, SettingsDescription()), (.deployer, PipelineSchema.step),
            (.check, PipelineSchema.check),
            (.metric, PipelineSchema.metric),
        ]
        let definitions = families.map { family, beside in
            (key: family.rawValue, value: writer.adapter(family, beside))
        }
        let head: [(key: String, value: JSONText)] = [
            ("$schema", .text("https://json-schema.org/draft/2020-12/schema")),
            ("title", .text("bluegreen pipeline")),
        ]
        let root = JSONText.object(
            head + writer.members(of: PipelineSchema.root) + [("$defs", .object(definitions))])
        return root.pretty() + "\n"
    }
}

private struct SchemaWriter {
    let vocabulary: Vocabulary
    /// Nothing is required in a piece that is laid over the rest.
    let isPartial: Bool

    typealias Members = [(key: String, value: JSONText)]

    func schema(_ shape: Shape) -> JSONText {
        switch shape {
        case .text: scalar("string", "number", "boolean")
        case .name: pattern("^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")
        case .jsonPath: pattern("^\\$")
        case .choice(let words): .object([("enum", .list(words.map(JSONText.text)))])
        case .either(let words, let other): anyOf([schema(.choice(words)), schema(other)])
        case .integer(let range): integer(range)
        case .boolean: scalar("boolean")
        case .duration: pattern("^([0-9]+(ms|s|m|h|d))+$")
        case .percent: pattern("^[0-9]+(\\.[0-9]+)?%$")
        case .size: pattern("^[0-9]+(B|KB|MB|GB)$")
        case .rate: pattern("^[0-9]+(\\.[0-9]+)?/s$")
        case .threshold: pattern("^(<|<=|>|>=|==) *-?[0-9]")
        case .countOf: pattern("^[0-9]+ +of +[0-9]+$")
        case .command: anyOf([scalar("string"), list(schema(.text(.template)), atLeast: 1)])
        case .list(let item): list(whole.schema(item))
        case .oneOrMany(let item): anyOf([schema(item), list(whole.schema(item), atLeast: 1)])
        case .named(let value):
            .object([("type", .text("object")), ("additionalProperties", schema(value))])
        case .section(let settings): .object(members(of: settings))
        case .partial(let shape):
            SchemaWriter(vocabulary: vocabulary, isPartial: true).schema(shape)
        case .anything: .literal("true")
        case .adapter(.router, let beside) where isPartial: adapter(.router, beside)
        case .adapter(let family, _): .object([("$ref", .text("#/$defs/\(family.rawValue)"))])
        }
    }

    /// A mapping with a closed list of keys.
    func members(of settings: SettingsDescription) -> Members {
        let built = settings.settings.filter(\.isBuilt)
        let required = isPartial ? [] : built.filter(\.isRequired).map(\.name)
        let choices = settings.exactlyOneOf.filter { settings[$0]?.isBuilt ?? false }
        return object(built.map { ($0.name, described($0)) }, required: required, choices: choices)
    }

    /// A mapping with one key out of the adapters of `family`.
    func adapter(_ family: AdapterFamily, _ beside: SettingsDescription) -> JSONText {
        let adapters = (vocabulary.adapters[family] ?? []).filter(\.isBuilt)
        let own = adapters.map { Setting($0.kind, $0.value, .optional, $0.summary) }
        var seen: Set<String> = []
        let all = (own + adapters.flatMap(\.companions.settings) + beside.settings)
            .filter { $0.isBuilt && seen.insert($0.name).inserted }
        let required = isPartial ? [] : all.filter(\.isRequired).map(\.name)
        return .object(
            object(
                all.map { ($0.name, described($0)) }, required: required,
                choices: adapters.map(\.kind)))
    }

    private func object(_ properties: Members, required: [String], choices: [String]) -> Members {
        var members: Members = [
            ("type", .text("object")), ("properties", .object(properties)),
            ("patternProperties", .object([("^x-", .literal("true"))])),
            ("additionalProperties", .literal("false")),
        ]
        if !required.isEmpty { members.append(("required", texts(required))) }
        if !isPartial, !choices.isEmpty {
            members.append(("oneOf", .list(choices.map { .object([("required", texts([$0]))]) })))
        }
        return members
    }

    /// The schema of a setting with its sentence and its default.
    private func described(_ setting: Setting) -> JSONText {
        guard case .object(var members) = schema(setting.shape) else {
            return .object([("description", .text(setting.summary))])
        }
        members.insert(("description", .text(setting.summary)), at: 0)
        if case .standard(let value) = setting.presence {
            members.append(("default", standard(value, setting.shape)))
        }
        return .object(members)
    }

    private func standard(_ value: String, _ shape: Shape) -> JSONText {
        switch shape {
        case .integer, .boolean: .literal(value)
        case .text, .name, .jsonPath, .choice, .either, .duration, .percent, .size, .rate,
            .threshold, .countOf, .command, .list, .oneOrMany, .named, .section, .partial,
            .adapter, .anything:
            .text(value)
        }
    }

    private var whole: SchemaWriter { SchemaWriter(vocabulary: vocabulary, isPartial: false) }

    private func integer(_ range: ClosedRange<Int>) -> JSONText {
        var members: Members = [("type", .text("integer"))]
        if range.lowerBound != .min { members.append(("minimum", .literal("\(range.lowerBound)"))) }
        if range.upperBound != .max { members.append(("maximum", .literal("\(range.upperBound)"))) }
        return .object(members)
    }

    private func pattern(_ expression: String) -> JSONText {
        .object([("type", .text("string")), ("pattern", .text(expression))])
    }

    private func scalar(_ types: String...) -> JSONText {
        .object([("type", types.count == 1 ? .text(types[0]) : texts(types))])
    }

    private func anyOf(_ schemas: [JSONText]) -> JSONText { .object([("anyOf", .list(schemas))]) }

    private func list(_ item: JSONText, atLeast minimum: Int = 0) -> JSONText {
        let items: Members = [("type", .text("array")), ("items", item)]
        return .object(minimum > 0 ? items + [("minItems", .literal("\(minimum)"))] : items)
    }

    private func texts(_ words: [String]) -> JSONText { .list(words.map(JSONText.text)) }
}
