import Yams

/// How much a file may ask of the reader.
struct YAMLBudget {
    var bytes = 1 << 20
    var depth = 64
    /// Values, each counted as often as aliases repeat it.
    var nodes = 100_000
}

/// Reads YAML, or JSON, into a `Node`; every mistake becomes a diagnostic with line and column.
///
/// Messages never hold text of the file except a key or a short value that is wrong.
package enum YAMLReader {
    /// - Returns: the document, `nil` where `report` now says what is wrong.
    package static func read(_ bytes: [UInt8], file: String, report: Report) -> Node? {
        let budget = YAMLBudget()
        do throws(YAMLOutline.Refusal) {
            let text = try YAMLText.checked(bytes, within: budget)
            try YAMLOutline.check(Array(text.utf8), within: budget)
            guard let root = try parse(text) else {
                throw refusal(1, 1, "the file is empty", "'bluegreen init' writes a first one")
            }
            var walk = YAMLWalk(file: file, budget: budget, report: report)
            return try walk.node(root, depth: 1)
        } catch {
            let position = Position(file: file, line: error.line, column: error.column)
            report.error(at: position, error.message, hint: error.hint.isEmpty ? nil : error.hint)
            return nil
        }
    }

    private static func parse(_ text: String) throws(YAMLOutline.Refusal) -> Yams.Node? {
        do {
            return try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        } catch let error as YamlError {
            throw wording(of: error)
        } catch {
            throw refusal(1, 1, "not valid YAML", "")
        }
    }

    /// Only the fixed words of the parser are used: the description of its error quotes the file.
    private static func wording(of error: YamlError) -> YAMLOutline.Refusal {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return wording(of: problem, mark)
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { "'\($0.prefix(40))'" }.joined(separator: ", ")
            return refusal(
                context.mark.line, context.mark.column, "duplicate key \(names)",
                "this is the first; keep one of them")
        case .no, .memory, .reader, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            return refusal(1, 1, "not valid YAML", "")
        }
    }

    private static func wording(of problem: String, _ mark: Mark) -> YAMLOutline.Refusal {
        if problem == "but found another document" {
            return refusal(
                mark.line, mark.column, "a second document begins here",
                "a pipeline is one document; give a second file with another -f")
        }
        let hint = hints.first { problem.contains($0.part) }?.hint ?? ""
        return refusal(mark.line, mark.column, "not valid YAML: \(problem)", hint)
    }

    private static let hints: [(part: String, hint: String)] = [
        (
            "cannot start any token",
            "indent with spaces, not tabs; quote text that begins like this"
        ),
        ("tab character", "indent with spaces, not tabs"),
        ("mapping values are not allowed", "check the indentation, or quote text that holds ': '"),
        ("did not find expected key", "check the indentation of this line and those before"),
        ("did not find expected '-'", "this line stands further left than what it belongs to"),
        ("did not find expected", "close the bracket; within brackets '${...}' needs quotes"),
        ("could not find expected ':'", "a key needs a ':' after it; check the indentation"),
        ("undefined alias", "quote text that begins with '*'"),
    ]

    fileprivate static func refusal(
        _ line: Int, _ column: Int, _ message: String, _ hint: String
    ) -> YAMLOutline.Refusal {
        YAMLOutline.Refusal(line: line, column: column, message: message, hint: hint)
    }
}

/// Turns the parser's nodes into ours, counting what aliases repeat.
private struct YAMLWalk {
    let file: String
    let budget: YAMLBudget
    let report: Report
    private var visited = 0

    init(file: String, budget: YAMLBudget, report: Report) {
        self.file = file
        self.budget = budget
        self.report = report
    }

    mutating func node(_ node: Yams.Node, depth: Int) throws(YAMLOutline.Refusal) -> Node {
        visited += 1
        let position = position(of: node)
        guard visited <= budget.nodes else {
            throw refusal(position, "aliases repeat more than \(budget.nodes) values")
        }
        guard depth <= budget.depth else {
            throw refusal(position, "nested more than \(budget.depth) levels deep")
        }
        switch node {
        case .scalar(let scalar):
            checkCharacters(scalar.string, at: position)
            let isQuoted = scalar.style != .plain
            return Node(.scalar(scalar.string, isQuoted: isQuoted), at: position)
        case .sequence(let items):
            var list: [Node] = []
            for item in items { list.append(try self.node(item, depth: depth + 1)) }
            return Node(.list(list), at: position)
        case .mapping(let mapping):
            var entries: [Node.Entry] = []
            for (key, value) in mapping {
                entries.append(try entry(key, value, depth: depth + 1))
            }
            return Node(.mapping(entries), at: position)
        case .alias:
            throw refusal(position, "an alias leads nowhere")
        }
    }

    private mutating func entry(
        _ key: Yams.Node, _ value: Yams.Node, depth: Int
    ) throws(YAMLOutline.Refusal) -> Node.Entry {
        let position = position(of: key)
        guard case .scalar(let name) = key else { throw refusal(position, "a key must be text") }
        checkCharacters(name.string, at: position)
        if name.string == "<<", name.style == .plain {
            report.error(
                at: position, "'<<' is not understood",
                hint: "write the keys out, or lay a second file over this one with -f")
        }
        if name.string.isEmpty { report.error(at: position, "a key is empty") }
        return Node.Entry(
            key: name.string, keyPosition: position, value: try node(value, depth: depth))
    }

    private func checkCharacters(_ text: String, at position: Position) {
        guard text.utf8.contains(0) else { return }
        report.error(at: position, "a NUL character is not allowed")
    }

    private func position(of node: Yams.Node) -> Position {
        Position(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }

    private func refusal(_ position: Position, _ message: String) -> YAMLOutline.Refusal {
        YAMLReader.refusal(position.line, position.column, message, "")
    }
}
