import Contracts
import PipelineModel

/// `http:` asks one address and holds the answer against what is expected.
struct HTTPCheck: Check {
    static let description = AdapterDescription(
        "http", .text(.template),
        companions: SettingsDescription(
            [RequestTemplate.method] + RequestTemplate.settings
                + [ExpectedAnswer.setting(standardStatus: "200")]),
        summary: "Asks a path of the environment, or a full address, and checks the answer.")

    private let exchange: Exchange

    init?(_ step: Section, world: World) {
        let request = RequestTemplate(step, address: "http", method: step.text("method") ?? "GET")
        let expectation = ExpectedAnswer(step.section("expect"), standardStatus: .exactly(200))
        guard let request, let expectation else { return nil }
        for template in request.templates + expectation.templates {
            template.reportCaptures(to: step.report)
        }
        exchange = Exchange(request: request, expectation: expectation, http: world.http)
    }

    func ask(_ context: StepContext) async -> CheckAnswer {
        do throws(Failure) {
            let outcome = try await exchange.perform(context)
            return CheckAnswer(isGood: outcome.isGood, evidence: outcome.evidence)
        } catch {
            return CheckAnswer(isGood: false, evidence: error.message)
        }
    }
}
