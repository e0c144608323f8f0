import Contracts
import PipelineModel

/// `transaction:` sends requests in order; later ones may use values captured from earlier answers.
struct TransactionCheck: Check {
    static let description = AdapterDescription(
        "transaction", .list(.section(request)),
        summary: "Plays a few requests in order, as a user would; cookies are kept between them."
            + " Each try plays all of them again, a `post` too: one per `interval` until `consecutive`"
            + " are good, and again whenever the checks are. The service must be able to tell them from"
            + " what users send.")

    private static let methods = ["get", "post", "put", "patch", "delete"]

    private static let request = SettingsDescription(
        methods.map {
            Setting($0, .text(.template), .optional, "The path or address to \($0).")
        } + RequestTemplate.settings + [
            ExpectedAnswer.setting(standardStatus: "2xx"),
            Setting(
                "capture", .named(.text(.literal)), .optional,
                "Values for later requests, `name: $.path`, used there as `${capture.name}`."),
        ])

    private struct Act {
        let exchange: Exchange
        let captures: [(name: String, path: JSONPath)]
    }

    private let acts: [Act]

    init?(_ step: Section, world: World) {
        guard let sections = step.sections("transaction") else { return nil }
        guard !sections.isEmpty else {
            step.report.error(
                at: step.position(of: "transaction"), "'transaction' has no request")
            return nil
        }
        var captured: Set<String> = []
        let acts = sections.map { Self.act($0, known: &captured, world: world) }
        guard !acts.contains(where: { $0 == nil }) else { return nil }
        self.acts = acts.compactMap(\.self)
    }

    func ask(_ context: StepContext) async -> CheckAnswer {
        var context = context
        var cookies = CookieJar()
        var elapsed = Duration.zero
        for (index, act) in acts.enumerated() {
            do throws(Failure) {
                let answer = try await perform(act, &context, &cookies)
                elapsed += answer.elapsed
            } catch {
                return CheckAnswer(
                    isGood: false,
                    evidence: "request \(index + 1) of \(acts.count): \(error.message)")
            }
        }
        let count = Wording.amount(acts.count, "request")
        return CheckAnswer(isGood: true, evidence: "\(count) good in \(Wording.length(elapsed))")
    }

    private func perform(
        _ act: Act, _ context: inout StepContext, _ cookies: inout CookieJar
    ) async throws(Failure) -> HTTPAnswer {
        let outcome = try await act.exchange.perform(context, cookies: cookies)
        guard outcome.isGood else { throw Failure(.checkFailed, outcome.evidence) }
        cookies.take(from: outcome.answer, url: outcome.url)
        try capture(act.captures, outcome, &context.substitutes)
        return outcome.answer
    }

    private func capture(
        _ captures: [(name: String, path: JSONPath)], _ outcome: Exchange.Outcome,
        _ substitutes: inout Substitutes
    ) throws(Failure) {
        guard !captures.isEmpty else { return }
        let document = try JSON.document(outcome.answer.body, of: outcome.evidence)
        for (name, path) in captures {
            guard let text = path.value(in: document)?.text else {
                throw Failure(
                    .checkFailed,
                    "\(outcome.evidence); nothing at \(path) that could be captured as '\(name)'")
            }
            substitutes.values["capture.\(name)"] = text
        }
    }
}

/// Reading the section.
extension TransactionCheck {
    private static func act(
        _ section: Section, known: inout Set<String>, world: World
    ) -> Act? {
        let expectation = ExpectedAnswer(section.section("expect"), standardStatus: .ofClass(2))
        let captures = captures(section)
        let request = method(section).flatMap {
            RequestTemplate(section, address: $0, method: $0.uppercased())
        }
        for template in (request?.templates ?? []) + (expectation?.templates ?? []) {
            template.reportCaptures(except: known, to: section.report)
        }
        known.formUnion(captures?.map(\.name) ?? [])
        guard let request, let expectation, let captures else { return nil }
        return Act(
            exchange: Exchange(request: request, expectation: expectation, http: world.http),
            captures: captures)
    }

    private static func method(_ section: Section) -> String? {
        let named = methods.filter(section.has)
        guard named.count == 1 else {
            section.report.error(
                at: section.position,
                named.isEmpty
                    ? "this request has no method" : "this request has more than one method",
                hint: "write one of \(methods.joined(separator: ", ")) with a path")
            return nil
        }
        return named.first
    }

    private static func captures(_ section: Section) -> [(name: String, path: JSONPath)]? {
        guard case .mapping(let entries)? = section.node["capture"]?.content else { return [] }
        let captures = entries.compactMap { entry -> (name: String, path: JSONPath)? in
            guard isName(entry.key) else {
                section.report.error(
                    at: entry.keyPosition, "'\(entry.key)' is no name for a captured value",
                    hint: "letters, digits, '_' and '-' only")
                return nil
            }
            return JSONPath(entry.value, report: section.report).map { (entry.key, $0) }
        }
        return captures.count == entries.count ? captures : nil
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
