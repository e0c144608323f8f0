/// Reports what is wrong with the `${...}` of one text.
struct TemplateCheck {
    let report: Report

    func check(_ text: String, as kind: Shape.TextKind, at position: Position) {
        for mistake in TemplateParser.parse(text).mistakes { report.error(at: position, mistake) }
        checkNames(text, as: kind, at: position)
    }

    /// Leaves a lone `$` alone: among free values it may begin a path such as `$.id`.
    func checkNames(_ text: String, as kind: Shape.TextKind, at position: Position) {
        for name in Template(TemplateParser.parse(text).parts, at: position).names {
            guard TemplateName.isKnown(name) else {
                reportUnknown(name, at: position)
                continue
            }
            if case .fixed = kind, !TemplateName.isConstant(name) {
                reportTooEarly(name, at: position)
            }
        }
    }

    /// `missing` was asked for in a text that is read before a run exists.
    func reportMissing(_ missing: MissingSubstitute) {
        let name = missing.name
        guard TemplateName.isConstant(name) else {
            return reportTooEarly(name, at: missing.position)
        }
        let own = name.dropFirst("env.".count)
        report.error(
            at: missing.position, "'\(name)' has no value",
            hint: name.hasPrefix("env.")
                ? "set the environment variable \(own)" : "pass --var \(own)=VALUE")
    }

    private func reportTooEarly(_ name: String, at position: Position) {
        report.error(
            at: position, "'${\(name)}' has no value yet where this is read",
            hint: "only ${env.NAME} and ${var.NAME} can stand here")
    }

    /// A script belongs to the shell: its own `$` are left alone, ours are refused.
    func checkScript(_ script: String, at position: Position) {
        for name in Self.names(inScript: script) {
            report.error(
                at: position, "'${\(name)}' is not filled in within a shell command",
                hint: Self.scriptHint(for: name))
        }
    }

    private func reportUnknown(_ name: String, at position: Position) {
        let known = TemplateName.fixed
        let nearest = Suggestion.nearest(to: name, among: known)
        let families = TemplateName.families.map { "\($0).NAME" }
        report.error(
            at: position, "unknown name '${\(name.prefix(64))}'",
            hint: nearest.map { "did you mean '${\($0)}'?" }
                ?? "known: \((known + families).joined(separator: ", "))")
    }

    private static func names(inScript script: String) -> [String] {
        let pieces = script.split(separator: "${", omittingEmptySubsequences: false)
        // Behind a backslash, or a dollar, it is no name to the shell.
        return zip(pieces, pieces.dropFirst())
            .filter { before, _ in before.last != "\\" && before.last != "$" }
            .compactMap { _, piece in piece.firstIndex(of: "}").map { String(piece[..<$0]) } }
            .filter(TemplateName.isKnown)
    }

    private static func scriptHint(for name: String) -> String {
        if TemplateName.fixed.contains(name) {
            return "use \"$\(TemplateName.environmentVariable(for: name))\""
        }
        let own = name.split(separator: ".").last.map(String.init) ?? name
        return name.hasPrefix("env.")
            ? "name it in `passEnv: [\(own)]` and use \"$\(own)\""
            : "hand it over with `env: {\(own.uppercased()): \"${\(name)}\"}`"
    }
}
