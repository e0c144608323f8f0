// A section frozen into a record, so that a later run can read it without the pipeline file.

extension Section {
    /// This section as JSON on one line: `${var.X}` filled in, `${env.X}` kept as references, so
    /// that no secret is stored.
    package func recipe() -> String { json(node).compact }

    /// Reads what `recipe()` wrote, or what a person wrote after `--router-settings`; `name` stands
    /// for a file name in diagnostics. It is `nil` where `report` now says what is wrong.
    package init?(
        recipe: String, named name: String, constants: Constants, report: Report,
        folder: StartingFolder = .working
    ) {
        guard let node = YAMLReader.read(Array(recipe.utf8), file: name, report: report)
        else { return nil }
        self.init(node, constants: constants, report: report, folder: folder)
    }

    private func json(_ node: Node) -> JSONText {
        switch node.content {
        case .scalar(let text, let isQuoted):
            let isTyped = !isQuoted && Self.isJSONLiteral(text)
            return isTyped ? .literal(text) : .text(withVariables(text))
        case .list(let items): return .list(items.map(json))
        case .mapping(let entries): return .object(entries.map { ($0.key, json($0.value)) })
        }
    }

    /// What is no template, such as a script of the shell, stays as it is.
    private func withVariables(_ text: String) -> String {
        let (parts, mistakes) = TemplateParser.parse(text)
        guard mistakes.isEmpty else { return text }
        return parts.map { part in
            switch part {
            case .text(let literal): return TemplateParser.escaped(literal)
            case .name(let name):
                guard name.hasPrefix("var."), let value = constants[name] else {
                    return "${\(name)}"
                }
                return TemplateParser.escaped(value)
            }
        }.joined()
    }

    /// `true`, `null` and numbers; `012` is text, and so is what has an exponent.
    private static func isJSONLiteral(_ text: String) -> Bool {
        if ["true", "false", "null"].contains(text) { return true }
        let digits = (text.hasPrefix("-") ? text.dropFirst() : text[...]).prefix { $0 != "." }
        guard text.utf8.count <= 32, digits == "0" || !digits.hasPrefix("0") else { return false }
        return PlainNumber.parse(text[...]) != nil
    }
}

extension Node {
    /// The same value with every text filled in, for what is compared with an answer.
    ///
    /// A text that held a name is quoted afterwards: `${version}` stays text when it becomes `8`.
    package func filled(_ substitutes: Substitutes) throws(MissingSubstitute) -> Node {
        switch content {
        case .scalar(let text, let isQuoted):
            let template = Template(TemplateParser.parse(text).parts, at: position)
            let filled = try template.filled(substitutes)
            return Node(
                .scalar(filled, isQuoted: isQuoted || !template.names.isEmpty), at: position)
        case .list(let items):
            var list: [Node] = []
            for item in items { list.append(try item.filled(substitutes)) }
            return Node(.list(list), at: position)
        case .mapping(let entries):
            var filled = entries
            for index in filled.indices {
                filled[index].value = try filled[index].value.filled(substitutes)
            }
            return Node(.mapping(filled), at: position)
        }
    }
}
