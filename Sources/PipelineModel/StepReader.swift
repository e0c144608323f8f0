/// Turns sections that name an adapter into steps, checks and metrics.
struct StepReader {
    let vocabulary: Vocabulary
    let report: Report
    private var names = StepNames()

    init(vocabulary: Vocabulary, report: Report) {
        self.vocabulary = vocabulary
        self.report = report
    }

    /// The steps of one list; names are unique within it.
    static func steps(
        _ sections: [Section], _ vocabulary: Vocabulary, _ report: Report
    ) -> [Step] {
        var reader = StepReader(vocabulary: vocabulary, report: report)
        return sections.compactMap { reader.step($0, .deployer) }
    }

    static func checks(
        _ sections: [Section], _ vocabulary: Vocabulary, _ report: Report
    ) -> [CheckStep] {
        var reader = StepReader(vocabulary: vocabulary, report: report)
        return sections.compactMap { reader.check($0) }
    }

    static func metrics(
        _ sections: [Section], _ vocabulary: Vocabulary, _ report: Report
    ) -> [MetricSettings] {
        var reader = StepReader(vocabulary: vocabulary, report: report)
        return sections.compactMap { reader.metric($0) }
    }

    private mutating func step(_ section: Section, _ family: AdapterFamily) -> Step? {
        guard let kind = vocabulary.kind(in: section.node, family) else { return nil }
        let name = names.name(of: section, kind: kind, report: report)
        var step = Step(name: name, kind: kind, section: section)
        step.environment = section.namedTemplates("env")
        step.passEnvironment = section.texts("passEnv") ?? []
        step.directory = section.place("directory")
        step.timeout = section.positive("timeout") ?? step.timeout
        if let retries = section.section("retries") {
            step.retries.attempts = retries.integer("attempts") ?? step.retries.attempts
            step.retries.delay = retries.duration("delay") ?? step.retries.delay
        }
        step.isIdempotent = section.boolean("idempotent") ?? true
        if !step.isIdempotent, step.retries.attempts > 1 {
            report.error(
                at: section.position(of: "retries"),
                "a step that is not idempotent cannot be retried",
                hint: "remove 'retries', or 'idempotent: false'")
        }
        return step
    }

    private mutating func check(_ section: Section) -> CheckStep? {
        guard let step = step(section, .check) else { return nil }
        var check = CheckStep(step: step)
        check.interval = section.positive("interval") ?? check.interval
        check.consecutive = section.integer("consecutive") ?? check.consecutive
        check.requestTimeout = section.positive("requestTimeout") ?? check.requestTimeout
        refuseTooShort(check)
        return check
    }

    /// The last of the answers has to be asked for before the time is up.
    private func refuseTooShort(_ check: CheckStep) {
        let waits = check.consecutive - 1
        guard waits > 0, check.interval * waits >= check.step.timeout else { return }
        let section = check.step.section
        let interval = section.node["interval"]?.text ?? "1s"
        report.error(
            at: section.node["timeout"]?.position ?? section.position(of: "consecutive"),
            "this check can never pass: \(check.consecutive) good answers in a row, one every"
                + " \(interval), take \(waits) x \(interval), and 'timeout' is"
                + " \(section.node["timeout"]?.text ?? "10m")",
            hint: "make 'timeout' longer, or 'consecutive' or 'interval' smaller")
    }

    private mutating func metric(_ section: Section) -> MetricSettings? {
        guard let kind = vocabulary.kind(in: section.node, .metric) else { return nil }
        let name = names.name(of: section, kind: kind, report: report)
        var metric = MetricSettings(
            name: name, kind: kind, section: section, pass: section.thresholds("pass") ?? [])
        metric.failWhen = section.countOf("failWhen") ?? metric.failWhen
        metric.timeout = section.positive("timeout") ?? metric.timeout
        return metric
    }
}

/// The names of one list of steps: as written, else derived from what the step does.
private struct StepNames {
    private var written: Set<String> = []
    private var all: Set<String> = []

    mutating func name(of section: Section, kind: String, report: Report) -> String {
        if let secret = section.template("name")?.names.first(where: { $0.hasPrefix("env.") }) {
            report.error(
                at: section.position(of: "name"),
                "a name is shown and recorded: it cannot hold '${\(secret)}'",
                hint:
                    "values of the environment are secrets; write the name out, or use ${var.NAME}")
            return kind
        }
        guard let name = section.text("name") else {
            let derived = free(Self.derived(from: section.node[kind], kind: kind))
            all.insert(derived)
            return derived
        }
        let position = section.position(of: "name")
        if name.isEmpty || name.count > 80 || name.unicodeScalars.contains(where: { $0.value < 32 })
        {
            report.error(at: position, "a name must be one line of 1 to 80 characters")
        }
        if !written.insert(name).inserted {
            report.error(
                at: position, "the name '\(name.prefix(80))' is used twice",
                hint: "names in one list must differ")
        }
        all.insert(name)
        return name
    }

    private func free(_ name: String) -> String {
        guard all.contains(name) else { return name }
        var number = 2
        while all.contains("\(name) \(number)") { number += 1 }
        return "\(name) \(number)"
    }

    /// `run docker`, `http /healthz`, `probe p95`; only the kind where the value is a mapping.
    private static func derived(from value: Node?, kind: String) -> String {
        guard let value else { return kind }
        switch value.content {
        case .scalar(let text, _):
            let word = text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
            return word.isEmpty ? kind : "\(kind) \(word.prefix(60))"
        case .list(let items):
            guard let program = items.first?.text, let last = program.split(separator: "/").last
            else { return kind }
            return "\(kind) \(last.prefix(60))"
        case .mapping: return kind
        }
    }
}

extension Vocabulary {
    /// The one built adapter that `node` names, `nil` where that is not clear.
    func kind(in node: Node, _ family: AdapterFamily) -> String? {
        guard case .mapping(let entries) = node.content else { return nil }
        let kinds = entries.map(\.key).filter { adapter(family, $0)?.isBuilt ?? false }
        return kinds.count == 1 ? kinds.first : nil
    }
}

extension Section {
    /// A duration that has to be longer than nothing.
    package func positive(_ key: String) -> Duration? {
        guard let duration = duration(key) else { return nil }
        if duration <= .zero {
            report.error(at: position(of: key), "'\(key)' must be longer than nothing")
        }
        return duration
    }
}
