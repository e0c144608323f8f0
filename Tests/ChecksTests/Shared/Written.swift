import Contracts
import PipelineModel

/// A value of a pipeline file, written as a literal: `["http": "/healthz", "json": ["a": 8]]`.
///
/// Literals are plain scalars, as in `a: 8`; `.quoted("8")` is what `a: "8"` gives.
indirect enum Written: Sendable {
    case plain(String)
    case quoted(String)
    case list([Written])
    case mapping([(String, Written)])

    /// Every key and value stands on a line of its own.
    func node(from line: inout Int) -> Node {
        line += 1
        let position = Position(file: "bluegreen.yaml", line: line, column: 1)
        switch self {
        case .plain(let text): return Node(.scalar(text, isQuoted: false), at: position)
        case .quoted(let text): return Node(.scalar(text, isQuoted: true), at: position)
        case .list(let items):
            return Node(.list(items.map { $0.node(from: &line) }), at: position)
        case .mapping(let members):
            let entries = members.map { key, value in
                line += 1
                return Node.Entry(
                    key: key,
                    keyPosition: Position(file: "bluegreen.yaml", line: line, column: 1),
                    value: value.node(from: &line))
            }
            return Node(.mapping(entries), at: position)
        }
    }

    var node: Node {
        var line = 0
        return node(from: &line)
    }

    func section(_ report: Report = Report()) -> Section {
        Section(node, constants: Constants(), report: report)
    }
}

extension Written: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral value: String) { self = .plain(value) }
    init(integerLiteral value: Int) { self = .plain("\(value)") }
    init(booleanLiteral value: Bool) { self = .plain("\(value)") }
    init(arrayLiteral elements: Written...) { self = .list(elements) }
    init(dictionaryLiteral elements: (String, Written)...) { self = .mapping(elements) }
}

extension Report {
    /// Each mistake with the key or value it points at, to be read like a sentence.
    var messages: [String] { diagnostics.map(\.message) }
}
