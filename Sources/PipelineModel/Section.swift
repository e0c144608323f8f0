/// One mapping of the pipeline file, read by the part of the program that knows its keys.
///
/// A `Shape` has been held against it before, so a reader never words a type error: a value that is
/// absent or was already reported reads as `nil`.
package struct Section: Sendable {
    package let node: Node
    package let constants: Constants
    package let report: Report
    package let folder: StartingFolder

    package init(
        _ node: Node, constants: Constants, report: Report, folder: StartingFolder = .working
    ) {
        self.node = node
        self.constants = constants
        self.report = report
        self.folder = folder
    }

    /// Another mapping of the same pipeline.
    package func section(at node: Node, reportingTo report: Report? = nil) -> Section {
        Section(node, constants: constants, report: report ?? self.report, folder: folder)
    }

    package var position: Position { node.position }

    package func has(_ key: String) -> Bool { node[key] != nil }

    /// Where to point when this key is wrong; the section itself where the key is absent.
    package func position(of key: String) -> Position { node[key]?.position ?? node.position }

    /// Text with `${env.X}` and `${var.X}` filled in.
    package func text(_ key: String) -> String? {
        node[key].flatMap(fixedText)
    }

    /// A path; a relative one starts at `folder`.
    package func place(_ key: String) -> String? {
        text(key).map(folder.path)
    }

    package func texts(_ key: String) -> [String]? {
        items(key)?.compactMap(fixedText)
    }

    package func template(_ key: String) -> Template? {
        node[key].flatMap { $0.text.map(TemplateParser.parse) }.map {
            Template($0.parts, at: position(of: key))
        }
    }

    package func templates(_ key: String) -> [Template]? {
        items(key)?.compactMap { item in
            item.text.map { Template(TemplateParser.parse($0).parts, at: item.position) }
        }
    }

    /// `[name: template]` of a freely named mapping.
    package func namedTemplates(_ key: String) -> [(name: String, value: Template)] {
        guard case .mapping(let entries) = node[key]?.content else { return [] }
        return entries.compactMap { entry in
            entry.value.text.map {
                (entry.key, Template(TemplateParser.parse($0).parts, at: entry.value.position))
            }
        }
    }

    package func command(_ key: String) -> Command? {
        guard let value = node[key] else { return nil }
        if let script = value.text { return .shell(script) }
        return templates(key).map(Command.vector)
    }

    /// `nil` also where it is beyond every range: that was reported, and nothing may be counted with it.
    package func integer(_ key: String) -> Int? {
        scalar(key).flatMap { Int($0) }.flatMap { ScalarCheck.integers.contains($0) ? $0 : nil }
    }

    package func boolean(_ key: String) -> Bool? { scalar(key).flatMap(Bool.init) }

    /// `nil` also where it is longer than a year, as with `integer`.
    package func duration(_ key: String) -> Duration? {
        scalar(key).flatMap(Duration.init(written:)).flatMap {
            $0 <= ScalarCheck.longest ? $0 : nil
        }
    }

    package func percent(_ key: String) -> Percent? { scalar(key).flatMap(Percent.init(written:)) }

    package func rate(_ key: String) -> Double? { scalar(key).flatMap(Rate.parse) }

    package func countOf(_ key: String) -> CountOf? { scalar(key).flatMap(CountOf.init(written:)) }

    package func thresholds(_ key: String) -> [Threshold]? {
        items(key)?.compactMap { $0.text.flatMap(Threshold.init(written:)) }
    }

    package func section(_ key: String) -> Section? {
        node[key].map { section(at: $0) }
    }

    package func sections(_ key: String) -> [Section]? {
        items(key)?.map { section(at: $0) }
    }

    /// The values of a list; one value that stands alone counts as a list of one.
    package func items(_ key: String) -> [Node]? {
        guard let value = node[key] else { return nil }
        if case .list(let items) = value.content { return items }
        return [value]
    }

    private func scalar(_ key: String) -> String? { node[key]?.text }

    private func fixedText(_ node: Node) -> String? {
        guard let raw = node.text else { return nil }
        do throws(MissingSubstitute) {
            return try Template(TemplateParser.parse(raw).parts, at: node.position)
                .filled(Substitutes(constants: constants))
        } catch {
            TemplateCheck(report: report).reportMissing(error)
            return nil
        }
    }
}

/// What a step runs.
package enum Command: Sendable, Hashable {
    /// An argument vector; no shell is involved.
    case vector([Template])
    /// One line for `/bin/sh -c`, never substituted.
    case shell(String)
}

extension Section {
    /// The `${env.X}` and `${var.X}` in it that have no value now, each once. A line for the shell is
    /// never filled in, so that nothing in it counts.
    package func missingConstants() -> [MissingSubstitute] {
        var known: Set<String> = []
        return names(in: node).filter {
            constants[$0.name] == nil && known.insert($0.name).inserted
        }
    }

    private func names(in node: Node) -> [MissingSubstitute] {
        switch node.content {
        case .scalar(let text, _):
            Template(TemplateParser.parse(text).parts, at: node.position).names
                .filter(TemplateName.isConstant)
                .map { MissingSubstitute(name: $0, position: node.position) }
        case .list(let items): items.flatMap(names)
        case .mapping(let entries):
            entries.filter { $0.key != "run" || $0.value.text == nil }
                .flatMap { names(in: $0.value) }
        }
    }
}
