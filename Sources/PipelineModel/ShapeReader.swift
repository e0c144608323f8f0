/// Holds a value against a shape and reports every mistake in it.
package struct ShapeReader {
    private let vocabulary: Vocabulary
    private let report: Report
    /// What is missing comes from elsewhere, so it is no mistake.
    private var isPartial = false
    /// Only what is watched during the bake has a baseline to be compared with.
    private var hasBaseline = false
    /// The mappings around what is read.
    private var levels: [Misplacement.Level] = []

    package init(vocabulary: Vocabulary, report: Report) {
        self.vocabulary = vocabulary.withPlanned
        self.report = report
    }

    /// Reports what is wrong with `node`; messages call it `name`: `'timeout'`, `the pipeline`.
    package func check(_ node: Node, against shape: Shape, named name: String) {
        guard !report.isFull else { return }
        if case .scalar("", isQuoted: false) = node.content, !shape.mayBeEmpty {
            report.error(at: node.position, "\(name) has no value")
            return
        }
        switch shape {
        case .text(let kind): checkText(node, kind, name)
        case .anything: checkAnything(node)
        case .command: checkCommand(node, name)
        case .either(let words, let other): checkEither(node, words, other, name)
        case .list(let item): checkList(node, item, shape, name)
        case .oneOrMany(let item): checkOneOrMany(node, item, name)
        case .named(let value): checkNamed(node, value, name)
        case .section(let settings): checkSection(node, settings, name)
        case .adapter(let family, let settings): checkAdapter(node, family, settings, name)
        case .partial(let whole):
            var partial = self
            partial.isPartial = true
            partial.check(node, against: whole, named: name)
        case .name, .jsonPath, .choice, .integer, .boolean, .duration, .percent, .size, .rate,
            .threshold, .countOf:
            checkScalar(node, shape, name)
        }
    }

    // MARK: Values

    private func checkScalar(_ node: Node, _ shape: Shape, _ name: String) {
        guard case .scalar(let text, let isQuoted) = node.content else {
            return mismatch(node, shape, name)
        }
        if let mistake = ScalarCheck.mistake(in: text, isQuoted: isQuoted, as: shape, named: name) {
            report.error(at: node.position, mistake.message, hint: mistake.hint)
        }
        if case .threshold = shape, !hasBaseline, text.hasSuffix("baseline") {
            report.error(
                at: node.position, "\(name) has no baseline to compare with",
                hint: "only 'bake.metrics' is compared with the old environment")
        }
    }

    private func checkText(_ node: Node, _ kind: Shape.TextKind, _ name: String) {
        guard let text = node.text else { return mismatch(node, .text(kind), name) }
        if case .literal = kind { return }
        TemplateCheck(report: report).check(text, as: kind, at: node.position)
    }

    private func checkAnything(_ node: Node) {
        switch node.content {
        case .scalar(let text, _):
            TemplateCheck(report: report).checkNames(text, as: .template, at: node.position)
        case .list(let items): items.forEach(checkAnything)
        case .mapping(let entries): entries.map(\.value).forEach(checkAnything)
        }
    }

    private func checkCommand(_ node: Node, _ name: String) {
        switch node.content {
        case .scalar(let script, _):
            TemplateCheck(report: report).checkScript(script, at: node.position)
        case .list(let arguments):
            guard let program = arguments.first, program.text != "" else {
                return report.error(at: node.position, "\(name) names no program")
            }
            for argument in arguments {
                guard argument.text != nil else {
                    mismatch(argument, .text(.template), "an argument of \(name)")
                    continue
                }
                checkText(argument, .template, "an argument of \(name)")
            }
        case .mapping: mismatch(node, .command, name)
        }
    }

    private func checkEither(_ node: Node, _ words: [String], _ other: Shape, _ name: String) {
        let isWord = node.text.map { Suggestion.nearest(to: $0, among: words) != nil } ?? false
        guard node.text != nil, other.mapping != nil || isWord else {
            return check(node, against: other, named: name)
        }
        checkScalar(node, .choice(words), name)
    }

    // MARK: Lists and mappings

    private func checkList(_ node: Node, _ item: Shape, _ shape: Shape, _ name: String) {
        guard case .list(let items) = node.content else { return mismatch(node, shape, name) }
        var whole = self
        whole.isPartial = false
        for value in items { whole.check(value, against: item, named: "an item of \(name)") }
    }

    private func checkOneOrMany(_ node: Node, _ item: Shape, _ name: String) {
        guard case .list(let items) = node.content else {
            return check(node, against: item, named: name)
        }
        if items.isEmpty { report.error(at: node.position, "\(name) is an empty list") }
        checkList(node, item, .list(item), name)
    }

    private func checkNamed(_ node: Node, _ value: Shape, _ name: String) {
        guard case .mapping(let entries) = node.content else {
            return mismatch(node, .named(value), name)
        }
        for entry in entries { check(entry.value, against: value, named: "'\(entry.key)'") }
    }

    private func checkSection(_ node: Node, _ settings: SettingsDescription, _ name: String) {
        guard case .mapping(let entries) = node.content else {
            return mismatch(node, .section(settings), name)
        }
        let unknown = within(name, settings).checkKeys(of: entries, settings)
        checkPresence(in: node, settings, unknown: unknown, name)
    }

    private func within(_ name: String, _ settings: SettingsDescription) -> ShapeReader {
        var reader = self
        reader.levels.append(Misplacement.Level(name: name, keys: settings))
        return reader
    }

    private func checkAdapter(
        _ node: Node, _ family: AdapterFamily, _ settings: SettingsDescription, _ name: String
    ) {
        guard case .mapping(let entries) = node.content else {
            return mismatch(node, .adapter(family, beside: settings), name)
        }
        let adapters = vocabulary.adapters[family] ?? []
        let named = entries.filter { entry in adapters.contains { $0.kind == entry.key } }
        let kinds = named.isEmpty ? meant(by: entries, adapters, settings) : named.map(\.key)
        let description = vocabulary.settings(of: family, kinds: kinds, beside: settings)
        var reader = within(name, description)
        reader.hasBaseline = family == .metric
        let unknown = reader.checkKeys(of: entries, description, beside: family)
        checkPresence(in: node, description, unknown: unknown, name)
        if named.isEmpty, unknown.isEmpty, !isPartial {
            let known = adapters.filter(\.isBuilt).map(\.kind)
            report.error(
                at: node.position, "no \(family.noun) is named here",
                hint: known.isEmpty ? nil : "known: \(known.joined(separator: ", "))")
        }
        if named.count > 1 {
            let kinds = named.map { "'\($0.key)'" }.joined(separator: " and ")
            report.error(
                at: named[1].keyPosition, "more than one \(family.noun) is named here: \(kinds)",
                hint: "keep one")
        }
    }

    /// The adapter of a mistyped name: what belongs to it may stand beside that name.
    private func meant(
        by entries: [Node.Entry], _ adapters: [AdapterDescription], _ settings: SettingsDescription
    ) -> [String] {
        let unknown = entries.filter { settings[$0.key] == nil && !$0.key.hasPrefix("x-") }
        let known = adapters.filter(\.isBuilt).map(\.kind)
        return unknown.compactMap { Suggestion.nearest(to: $0.key, among: known) }
    }

    /// - Returns: The keys that mean nothing here.
    private func checkKeys(
        of entries: [Node.Entry], _ settings: SettingsDescription,
        beside family: AdapterFamily? = nil
    ) -> [String] {
        let misplacement = Misplacement(vocabulary: vocabulary, levels: levels)
        var unknown: [String] = []
        for entry in entries where !entry.key.hasPrefix("x-") && !report.isFull {
            guard let setting = settings[entry.key] else {
                unknown.append(entry.key)
                let known = settings.settings.map(\.name)
                let belongs =
                    isSlip(entry, settings)
                    ? nil : misplacement.hint(for: entry.key, beside: family)
                report.error(
                    at: entry.keyPosition, "unknown key '\(entry.key.prefix(64))'",
                    hint: belongs ?? Suggestion.hint(for: entry.key, among: known))
                if belongs == nil { checkMeant(entry, entries, settings) }
                continue
            }
            if case .notBuiltYet = setting.presence {
                report.error(
                    at: entry.keyPosition, "'\(entry.key)' is designed but not built yet",
                    hint: "remove it; bluegreen never ignores a setting")
                continue
            }
            check(entry.value, against: setting.shape, named: "'\(entry.key)'")
        }
        return unknown
    }

    /// One letter from a key that belongs here and takes such a value: meant is that one, wherever else
    /// the word may stand.
    private func isSlip(_ entry: Node.Entry, _ settings: SettingsDescription) -> Bool {
        let known = settings.settings.filter(\.isBuilt).map(\.name)
        guard let name = Suggestion.slip(of: entry.key, among: known),
            let shape = settings[name]?.shape
        else { return false }
        let isMapping = if case .mapping = entry.value.content { true } else { false }
        return isMapping == (shape.mapping != nil)
    }

    /// What stands under a key that is probably only mistyped is read as if it were not.
    private func checkMeant(
        _ entry: Node.Entry, _ entries: [Node.Entry], _ settings: SettingsDescription
    ) {
        let known = settings.settings.filter(\.isBuilt).map(\.name)
        let nearest = Suggestion.nearest(to: entry.key, among: known)
        guard let meant = nearest.flatMap({ settings[$0] }),
            !entries.contains(where: { $0.key == meant.name })
        else { return }
        check(entry.value, against: meant.shape, named: "'\(entry.key.prefix(64))'")
    }

    /// A key that is probably only mistyped is not missed as well.
    private func checkPresence(
        in node: Node, _ settings: SettingsDescription, unknown: [String], _ name: String
    ) {
        let choices = settings.exactlyOneOf
        let chosen = choices.filter { node[$0] != nil }
        if chosen.count > 1 {
            let keys = chosen.map { "'\($0)'" }.joined(separator: " and ")
            report.error(
                at: node.position(ofKey: chosen[1]), "only one of \(keys) can be used",
                hint: "keep one")
        }
        guard !isPartial else { return }
        let mistyped = unknown.compactMap { key in
            Suggestion.nearest(to: key, among: settings.settings.map(\.name))
        }
        for setting in settings.settings where setting.isRequired && node[setting.name] == nil {
            guard !mistyped.contains(setting.name) else { continue }
            report.error(
                at: node.position, "\(name) needs '\(setting.name)'", hint: setting.summary)
        }
        guard !choices.isEmpty, chosen.isEmpty, !mistyped.contains(where: choices.contains)
        else { return }
        let usable = choices.filter { settings[$0]?.isBuilt ?? false }.map { "'\($0)'" }
        report.error(at: node.position, "\(name) needs \(usable.joined(separator: " or "))")
    }

    private func mismatch(_ node: Node, _ shape: Shape, _ name: String) {
        report.error(
            at: node.position, "\(name) must be \(shape.words), not \(node.found)",
            hint: Self.form(of: node, as: shape))
    }

    /// A line that should be a list, as one: `write it so: ["python3", "app.py"]`.
    private static func form(of node: Node, as shape: Shape) -> String? {
        guard case .list(.text) = shape, let line = node.text, !line.isEmpty,
            !line.contains(where: { "\"'\\".contains($0) })
        else { return nil }
        let words = line.prefix(200).split(whereSeparator: \.isWhitespace).map { "\"\($0)\"" }
        return "write it so: [\(words.joined(separator: ", "))]"
    }
}

extension Shape {
    fileprivate var mayBeEmpty: Bool {
        if case .anything = self { true } else { false }
    }
}

extension Setting {
    var isRequired: Bool { if case .required = presence { true } else { false } }

    var isBuilt: Bool { if case .notBuiltYet = presence { false } else { true } }
}

extension Node {
    fileprivate func position(ofKey key: String) -> Position {
        guard case .mapping(let entries) = content else { return position }
        return entries.first { $0.key == key }?.keyPosition ?? position
    }
}
