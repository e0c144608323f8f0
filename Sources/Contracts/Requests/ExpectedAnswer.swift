package import PipelineModel

/// What an answer must be like; the one place that compares an answer with `expect`.
package struct ExpectedAnswer: Sendable {
    package enum Status: Hashable, Sendable {
        case exactly(Int)
        /// 2 for everything from 200 to 299.
        case ofClass(Int)
    }

    package struct Judgement: Hashable {
        package var isGood: Bool
        /// Every value and, where it is wrong, what was expected: `status 503, expected 200; took 12 ms`.
        package var evidence: String
    }

    private let statuses: [Status]
    private let headers: [(name: String, value: Template)]
    private let body: Template?
    private let json: [(path: JSONPath, value: JSONTemplate)]
    private let maximumLatency: Duration?

    package static func setting(standardStatus: String) -> Setting {
        let keys = SettingsDescription([
            Setting(
                "status", .oneOrMany(.text(.literal)), .standard(standardStatus),
                "A status such as 200, a class such as 2xx, or a list of them."),
            Setting("header", .named(.text(.template)), .optional, "Headers and their values."),
            Setting("body", .text(.template), .optional, "Text that the body contains."),
            Setting(
                "json", .named(.anything), .optional,
                "Values in a JSON body by path: `$.name`, `$['name']`, `$.list[0]`."),
            Setting("maxLatency", .duration, .optional, "The longest the answer may take."),
        ])
        return Setting("expect", .section(keys), .optional, "What the answer must be like.")
    }

    /// Reads `expect`; absent means only the standard status. Mistakes are reported and give `nil`.
    package init?(_ section: Section?, standardStatus: Status) {
        let statuses = section.map(Self.statuses) ?? []
        let json = section.map(Self.json) ?? []
        guard let statuses, let json else { return nil }
        self.statuses = statuses.isEmpty ? [standardStatus] : statuses
        self.json = json
        section?.checkHeaderNames(in: "header")
        headers = section?.namedTemplates("header") ?? []
        body = section?.template("body")
        maximumLatency = section?.duration("maxLatency")
    }

    package var templates: [Template] {
        headers.map(\.value) + (body.map { [$0] } ?? []) + json.flatMap(\.value.templates)
    }

    package func judge(_ answer: HTTPAnswer, _ substitutes: Substitutes) throws(Failure)
        -> Judgement
    {
        let badStatus = mistake(in: answer.status)
        let slowness = latencyMistake(answer.elapsed)
        let inside =
            try headerMistakes(answer, substitutes) + bodyMistakes(answer, substitutes)
            + jsonMistakes(answer, substitutes)
        let status = badStatus ?? "status \(answer.status)"
        let took = slowness ?? "took \(Wording.length(answer.elapsed))"
        return Judgement(
            isGood: badStatus == nil && inside.isEmpty && slowness == nil,
            evidence: ([status] + inside + [took]).joined(separator: "; "))
    }
}

/// Comparing.
extension ExpectedAnswer {
    /// What is wrong with the status alone: `status 503, expected 200`; `nil` where nothing is.
    package func mistake(in status: Int) -> String? {
        guard !statuses.contains(where: { $0.accepts(status) }) else { return nil }
        let expected = statuses.map(\.description).joined(separator: " or ")
        return "status \(status), expected \(expected)"
    }

    private func headerMistakes(
        _ answer: HTTPAnswer, _ substitutes: Substitutes
    ) throws(Failure) -> [String] {
        var mistakes: [String] = []
        for (name, template) in headers {
            let expected = try template.resolved(substitutes)
            let actual = answer.headers.filter { $0.name.lowercased() == name.lowercased() }
            guard !actual.contains(where: { $0.value == expected }) else { continue }
            let shown = actual.first.map { "is \(Self.quoted($0.value))" } ?? "is absent"
            mistakes.append("header \(name) \(shown), expected \(Self.quoted(expected))")
        }
        return mistakes
    }

    private func bodyMistakes(
        _ answer: HTTPAnswer, _ substitutes: Substitutes
    ) throws(Failure) -> [String] {
        guard let expected = try body?.resolved(substitutes) else { return [] }
        guard !Self.contains(answer.body, Array(expected.utf8)) else { return [] }
        return ["the body does not contain \(Self.quoted(expected))"]
    }

    private func jsonMistakes(
        _ answer: HTTPAnswer, _ substitutes: Substitutes
    ) throws(Failure) -> [String] {
        guard !json.isEmpty else { return [] }
        let document: JSON
        do throws(JSON.Unreadable) {
            document = try JSON(parsing: answer.body)
        } catch {
            return [error.sentence]
        }
        var mistakes: [String] = []
        for (path, expected) in json {
            let actual = path.value(in: document)
            if let actual, try expected.accepts(actual, substitutes) { continue }
            let shown = actual.map { "is \(Self.shown($0))" } ?? "is absent"
            let wanted = Self.shown(try expected.filled(substitutes))
            mistakes.append("\(path) \(shown), expected \(wanted)")
        }
        return mistakes
    }

    private func latencyMistake(_ elapsed: Duration) -> String? {
        guard let maximumLatency, elapsed > maximumLatency else { return nil }
        return "took \(Wording.length(elapsed)), "
            + "expected at most \(Wording.length(maximumLatency))"
    }

    private static func shown(_ value: JSON) -> String {
        Wording.excerpt(value.description.utf8)
    }

    private static func quoted(_ text: String) -> String {
        "'\(Wording.excerpt(text.utf8))'"
    }

    /// By bytes, because a body need not be text.
    private static func contains(_ body: [UInt8], _ wanted: [UInt8]) -> Bool {
        guard let first = wanted.first else { return true }
        guard body.count >= wanted.count else { return false }
        return (0...(body.count - wanted.count)).contains { start in
            body[start] == first && body[start..<(start + wanted.count)].elementsEqual(wanted)
        }
    }
}

/// Reading the section.
extension ExpectedAnswer {
    private static func statuses(_ section: Section) -> [Status]? {
        let nodes = section.items("status") ?? []
        let statuses = nodes.compactMap { node -> Status? in
            guard let text = node.text else { return nil }
            let status = Status(written: text)
            if status == nil {
                section.report.error(
                    at: node.position, "'\(text)' is no HTTP status",
                    hint: "write a status such as 200 or a class such as 2xx")
            }
            return status
        }
        return statuses.count == nodes.count ? statuses : nil
    }

    private static func json(_ section: Section) -> [(path: JSONPath, value: JSONTemplate)]? {
        guard case .mapping(let entries)? = section.node["json"]?.content else { return [] }
        let values = entries.compactMap { entry in
            JSONPath(entry.key, at: entry.keyPosition, report: section.report)
                .map { (path: $0, value: JSONTemplate(entry.value)) }
        }
        return values.count == entries.count ? values : nil
    }
}

extension ExpectedAnswer.Status: CustomStringConvertible {
    init?(written text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 3, let first = digits.first,
            (UInt8(ascii: "1")...UInt8(ascii: "5")).contains(first)
        else { return nil }
        if text.lowercased().hasSuffix("xx") {
            self = .ofClass(Int(first - UInt8(ascii: "0")))
            return
        }
        guard let status = Int(text) else { return nil }
        self = .exactly(status)
    }

    func accepts(_ status: Int) -> Bool {
        switch self {
        case .exactly(let wanted): status == wanted
        case .ofClass(let wanted): status / 100 == wanted
        }
    }

    package var description: String {
        switch self {
        case .exactly(let status): "\(status)"
        case .ofClass(let first): "\(first)xx"
        }
    }
}
