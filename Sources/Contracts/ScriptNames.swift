import PipelineModel

/// Finds `${name}` in a shell string of a step where the shell would put nothing: a mistyped name of
/// ours, or a variable that the step does not have.
struct ScriptNames {
    private let script: String
    private let step: Section

    init(_ script: String, of step: Section) {
        self.script = script
        self.step = step
    }

    /// Only warnings: the script may know better than we do.
    func report(at position: Position) {
        guard !readsMore else { return }
        var known = given
        for name in Self.bare(in: script) where known.insert(name).inserted {
            guard !isSet(name) else { continue }
            let near = Suggestion.nearest(to: name, among: Self.ours)
            if let near, name.count > 2 {
                step.report.warning(
                    at: position, "unknown name '${\(name)}': the shell would put nothing there",
                    hint: "did you mean \"$\(TemplateName.environmentVariable(for: near))\"?"
                        + " Where nothing is right, say so: ${\(name):-}")
            } else {
                step.report.warning(
                    at: position,
                    "this step has no variable '\(name)': the shell puts nothing there",
                    hint:
                        "hand it over: `passEnv: [\(name)]` or `env: {\(name): ...}`; where nothing"
                        + " is right, say so: ${\(name):-}")
            }
        }
    }

    private static let ours = TemplateName.fixed.filter { !TemplateName.ofRouters.contains($0) }

    /// Every shell sets these, or many do.
    private static let ofShells: Set = [
        "PWD", "OLDPWD", "IFS", "PPID", "OPTARG", "OPTIND", "LINENO", "PS1", "PS2", "PS4", "RANDOM",
        "SECONDS", "UID", "EUID", "HOSTNAME", "SHELL", "SHLVL",
    ]

    private var given: Set<String> {
        var names = Self.ofShells.union(Host.inheritedNames)
        if case .mapping(let entries)? = step.node["env"]?.content {
            names.formUnion(entries.map(\.key))
        }
        if case .list(let items)? = step.node["passEnv"]?.content {
            names.formUnion(items.compactMap(\.text))
        }
        return names
    }

    /// What another file or text sets cannot be seen here, nor what a quoted document expands.
    private var readsMore: Bool {
        script.contains("<<") || words.contains { ["source", "eval", "."].contains($0) }
    }

    private var words: [Substring] {
        script.split { $0.isWhitespace || ";&|()".contains($0) }
    }

    /// The script sets it, as far as can be seen: the word stands there without a dollar.
    private func isSet(_ name: String) -> Bool {
        if name.hasPrefix("BLUEGREEN_") { return true }
        var rest = script[...]
        while let range = rest.firstRange(of: name) {
            let (before, after) = (rest[..<range.lowerBound], rest[range.upperBound...])
            rest = after
            let isWord =
                !(before.last.map(Self.isPart) ?? false) && !(after.first.map(Self.isPart) ?? false)
            guard isWord, before.last != "$", !before.hasSuffix("${") else { continue }
            // `VERSION=${VERSION}` takes it from outside.
            let takes = ["=${\(name)}", "=\"${\(name)}", "=$\(name)", "=\"$\(name)"]
            guard takes.contains(where: after.hasPrefix) else { return true }
        }
        return script.contains("${\(name)=") || script.contains("${\(name):=")
    }

    private static func isPart(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || character == "_")
    }

    /// Names in `${name}` and nothing more, where the shell expands them.
    private static func bare(in script: String) -> [String] {
        var names: [String] = []
        var (isSingle, isDouble) = (false, false)
        var rest = script[...]
        while let next = rest.popFirst() {
            switch next {
            case "'" where !isDouble: isSingle.toggle()
            case _ where isSingle: continue
            case "\"": isDouble.toggle()
            case "\\": _ = rest.popFirst()
            case "$" where rest.first == "$": _ = rest.popFirst()
            case "$" where rest.first == "{":
                let name = rest.dropFirst().prefix { isPart($0) || $0 == "." }
                let isWhole = rest.dropFirst(1 + name.count).first == "}"
                if isWhole, let first = name.first, !first.isNumber { names.append(String(name)) }
            case _: continue
            }
        }
        return names
    }
}
