import Contracts
import PipelineModel

/// `run:` takes the number that a command prints.
struct RunMetric: MetricSource, ProgramStarting {
    static let description = AdapterDescription(
        "run", .command, summary: "Runs a command that prints one number, without a unit.")

    let call: CommandCall

    init?(_ metric: Section, world: World) {
        guard let call = CommandCall(metric, "run", world: world) else { return nil }
        self.call = call
    }

    var needs: Set<TrafficNeed> { [] }

    func measure(_ context: MetricContext) async -> Measurement {
        do throws(Failure) {
            let output = try await call.run(context.step).output
            let words = output.split(whereSeparator: \.isWhitespace)
            guard let word = words.first else { return .noData("the command printed nothing") }
            guard words.count == 1, let value = PlainNumber.parse(word) else {
                return .noData(
                    "the command printed '\(Wording.excerpt(output.utf8, limit: 80))', not one number"
                )
            }
            return .value(value)
        } catch {
            return .noData(([error.message] + error.evidence.suffix(1)).joined(separator: " "))
        }
    }
}
