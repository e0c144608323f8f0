import ArgumentParser

/// Repeats in every command of ours that is advised which service the person has named: typed as it
/// stands, it must not be about another one.
struct Advice: Sendable {
    /// ` -f prod.yaml --state /srv/x`; empty where nothing was named.
    private let options: String

    /// What was chosen by an environment variable needs no repeating.
    init(of place: PlaceOptions? = nil) {
        options = place?.words.map { " " + Self.quoted($0) }.joined() ?? ""
    }

    /// `'bluegreen resume' finishes it` becomes `'bluegreen resume -f prod.yaml' finishes it`. What has
    /// been through here already stays as it is.
    func callAsFunction(_ text: String) -> String {
        guard !options.isEmpty, !text.contains(options) else { return text }
        var words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        for index in words.indices.dropFirst() {
            let program = words[index - 1].drop { "('\"".contains($0) }
            let verb = words[index].prefix { $0.isLetter }
            guard program == "bluegreen", Self.verbs.contains(String(verb)) else { continue }
            words[index] = "\(verb)\(options)\(words[index].dropFirst(verb.count))"
        }
        return words.joined(separator: " ")
    }

    /// Those that know these options.
    private static let verbs = Set(
        Bluegreen.configuration.subcommands.filter { $0 is any PlacedSubcommand.Type }
            .compactMap { $0.configuration.commandName })

    /// As a shell takes it for one word, also where the command stands in quotes itself.
    static func quoted(_ word: String) -> String {
        let isPlain = word.allSatisfy { $0.isLetter || $0.isNumber || "-_./:@%+=,".contains($0) }
        guard word.isEmpty || !isPlain else { return word }
        return "\"" + word.map { "\"\\$`".contains($0) ? "\\\($0)" : "\($0)" }.joined() + "\""
    }
}
