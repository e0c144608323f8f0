import ArgumentParser
import PipelineModel

/// A command line that means nothing, and what may have been meant. Pure.
struct UsageMistake {
    let message: String
    var hint: String?

    /// A wrong verb, or an option in front of it; `nil` where the parser says it better.
    ///
    /// `isUnderstood` tells a request for help, which the parser answers whatever it is about.
    init?(in arguments: [String], isUnderstood: Bool) {
        let isHelp = arguments.first == "help"
        guard let first = arguments.dropFirst(isHelp ? 1 : 0).first, !Self.verbs.contains(first)
        else { return nil }
        guard first.hasPrefix("-") else {
            message = "There is no verb '\(first)'."
            hint =
                Self.elsewhere[first].map { "did you mean '\($0)'?" }
                ?? Suggestion.hint(for: first, among: Self.verbs)
            return
        }
        guard !isUnderstood, !isHelp, let index = arguments.firstIndex(where: Self.verbs.contains)
        else { return nil }
        let verb = arguments[index]
        let others = arguments[..<index] + arguments[(index + 1)...]
        message = "'\(first)' stands before the verb."
        hint = "options follow the verb: bluegreen \(([verb] + others).joined(separator: " "))"
    }

    /// A version where it is an option: `unfreeze 2.8.0`.
    init?(looseVersion arguments: [String]) {
        guard let verb = arguments.first, ["freeze", "unfreeze"].contains(verb),
            let version = arguments.dropFirst().first, !version.hasPrefix("-")
        else { return nil }
        message = "'\(version)' stands where no word is expected."
        hint =
            "a version is an option here: "
            + Self.command([verb, "--release", version] + arguments.dropFirst(2))
    }

    /// `--version` after a verb: what `deploy` ships was meant, or what this program is.
    init?(misplacedVersion arguments: [String]) {
        let options = arguments.prefix { $0 != "--" }
        guard let verb = arguments.first, Self.verbs.contains(verb),
            let index = options.firstIndex(where: {
                $0 == "--version" || $0.hasPrefix("--version=")
            })
        else { return nil }
        message = "'--version' is no option of a verb."
        hint = "'bluegreen --version' tells which version this program is"
        var others = Array(arguments[1...])
        var version = others.remove(at: index - 1).dropFirst("--version=".count).description
        if version.isEmpty, others.indices.contains(index - 1), !others[index - 1].hasPrefix("-") {
            version = others.remove(at: index - 1)
        }
        guard !version.isEmpty, !version.contains(" ") else { return }
        switch verb {
        case "deploy", "plan":
            hint = "the version is a word: \(Self.command([verb, version] + others))"
        case "freeze", "unfreeze":
            hint = "here it is: \(Self.command([verb, "--release", version] + others))"
        default: break
        }
    }

    /// As it is typed.
    private static func command(_ words: [String]) -> String {
        (["bluegreen"] + words.map(Advice.quoted)).joined(separator: " ")
    }

    /// What the parser says, without an option that only has a few letters like the one that is meant.
    static func withoutFarName(_ words: String) -> String {
        guard let between = words.firstRange(of: "'. Did you mean '--"),
            let opening = words[..<between.lowerBound].firstRange(of: "'--"),
            let end = words[between.upperBound...].firstRange(of: "'?")
        else { return words }
        let typed = String(words[opening.upperBound..<between.lowerBound])
        let offered = String(words[between.upperBound..<end.lowerBound])
        guard Suggestion.nearest(to: typed, among: [offered]) == nil else { return words }
        return words[..<between.lowerBound] + "'" + words[end.upperBound...]
    }

    init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }

    static let verbs =
        Bluegreen.configuration.subcommands.flatMap { verb in
            [verb.configuration.commandName].compactMap(\.self) + verb.configuration.aliases
        } + ["help"]

    /// What other tools call it, where another verb is nearer by its letters.
    private static let elsewhere = ["list": "history"]

    /// Whether an answer in JSON was asked for, in words that could not be understood.
    static func asksForJSON(_ arguments: [String]) -> Bool {
        let joined = arguments.contains { ["-ojson", "-o=json", "--output=json"].contains($0) }
        return joined
            || zip(arguments, arguments.dropFirst()).contains {
                ["-o", "--output"].contains($0) && $1 == "json"
            }
    }
}
