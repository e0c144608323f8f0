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
        let others = arguments.dropFirst(2).map { $0.contains(" ") ? "'\($0)'" : $0 }
        message = "'\(version)' stands where no word is expected."
        hint =
            "a version is an option here: "
            + (["bluegreen", verb, "--release", version] + others).joined(separator: " ")
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
