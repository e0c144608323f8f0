import PipelineModel

/// A JSON value of the pipeline file: what a request sends, or what an answer must hold.
///
/// A plain `8`, `true` or `null` is what JSON says it is; a quoted one is text.
indirect enum JSONTemplate: Sendable {
    case fixed(JSON)
    /// Text with names in it. An unquoted one also accepts a number or Boolean that is written so.
    case text(Template, isQuoted: Bool)
    case list([JSONTemplate])
    case object([(key: String, value: JSONTemplate)])

    init(_ node: Node) {
        switch node.content {
        case .scalar(let text, let isQuoted):
            let template = Template(TemplateParser.parse(text).parts, at: node.position)
            self =
                template.literal.map { .fixed(isQuoted ? .text($0) : JSON(plain: $0)) }
                ?? .text(template, isQuoted: isQuoted)
        case .list(let items):
            self = .list(items.map(JSONTemplate.init))
        case .mapping(let entries):
            self = .object(entries.map { ($0.key, JSONTemplate($0.value)) })
        }
    }

    var templates: [Template] {
        switch self {
        case .fixed: []
        case .text(let template, _): [template]
        case .list(let items): items.flatMap(\.templates)
        case .object(let members): members.flatMap(\.value.templates)
        }
    }

    func filled(_ substitutes: Substitutes) throws(Failure) -> JSON {
        switch self {
        case .fixed(let value):
            return value
        case .text(let template, _):
            return .text(try template.resolved(substitutes))
        case .list(let items):
            var filled: [JSON] = []
            for item in items { filled.append(try item.filled(substitutes)) }
            return .list(filled)
        case .object(let members):
            var filled: [String: JSON] = [:]
            for (key, value) in members { filled[key] = try value.filled(substitutes) }
            return .object(filled)
        }
    }

    /// Whether `actual` is as expected. An object may have more members than are expected of it.
    func accepts(_ actual: JSON, _ substitutes: Substitutes) throws(Failure) -> Bool {
        switch self {
        case .fixed(let value):
            return value.isSame(as: actual)
        case .text(let template, let isQuoted):
            let text = try template.resolved(substitutes)
            return isQuoted ? actual == .text(text) : actual.text == text
        case .list(let items):
            guard case .list(let others) = actual, items.count == others.count else { return false }
            for (item, other) in zip(items, others) {
                guard try item.accepts(other, substitutes) else { return false }
            }
            return true
        case .object(let members):
            guard case .object(let others) = actual else { return false }
            for (key, value) in members {
                guard let other = others[key], try value.accepts(other, substitutes) else {
                    return false
                }
            }
            return true
        }
    }
}

extension JSON {
    /// An unquoted scalar: a number, a Boolean or null where it is written as in JSON, else text.
    fileprivate init(plain text: String) {
        guard !text.isEmpty else {
            self = .null
            return
        }
        // Losing the error is right: what is no JSON scalar is text.
        switch try? JSON(parsing: text.utf8) {
        case .null: self = .null
        case .boolean(let value): self = .boolean(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .number(value)
        case .text, .list, .object, nil: self = .text(text)
        }
    }
}

extension Template {
    /// The text where there is no name in it.
    fileprivate var literal: String? {
        guard names.isEmpty else { return nil }
        return parts.reduce(into: "") { text, part in
            if case .text(let literal) = part { text += literal }
        }
    }
}
