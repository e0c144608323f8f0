import PipelineModel
import Testing

/// A router's settings as a test writes them: texts, and mappings of them.
indirect enum Settings: ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByArrayLiteral
{
    case text(String)
    case list([Settings])
    case mapping([(String, Settings)])
    /// As it stands in a pipeline file.
    case written(String)

    init(stringLiteral text: String) { self = .text(text) }
    init(dictionaryLiteral entries: (String, Settings)...) { self = .mapping(entries) }

    init(arrayLiteral items: Settings...) { self = .list(items) }

    func section(
        _ report: Report = Report(), file: String = "test.yaml", constants: Constants = Constants()
    ) -> Section {
        Section(
            node(file, line: 1), constants: constants, report: report,
            folder: StartingFolder(of: file))
    }

    /// These settings, with those of `others` replaced or added.
    func merging(_ others: Settings) -> Settings {
        guard case .mapping(let entries) = others else { return self }
        return adding(entries)
    }

    /// These settings without those of `keys`.
    func removing(_ keys: [String]) -> Settings {
        guard case .mapping(let entries) = self else { return self }
        return .mapping(entries.filter { !keys.contains($0.0) })
    }

    /// What is set for `key`, where it is a text.
    func text(_ key: String) -> String? {
        guard case .mapping(let entries) = self,
            case .text(let text)? = entries.first(where: { $0.0 == key })?.1
        else { return nil }
        return text
    }

    private func node(_ file: String, line: Int) -> Node {
        let position = Position(file: file, line: line, column: 1)
        switch self {
        case .text(let text):
            return Node(.scalar(text, isQuoted: false), at: position)
        case .written(let text):
            return YAMLReader.read(Array(text.utf8), file: file, report: Report())
                ?? Node(.scalar(text, isQuoted: false), at: position)
        case .list(let items):
            return Node(.list(items.map { $0.node(file, line: line) }), at: position)
        case .mapping(let entries):
            let written = entries.enumerated().map { index, entry in
                Node.Entry(
                    key: entry.0, keyPosition: position,
                    value: entry.1.node(file, line: line + index + 1))
            }
            return Node(.mapping(written), at: position)
        }
    }
}
