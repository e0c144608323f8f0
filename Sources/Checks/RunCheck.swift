import Contracts
import PipelineModel

/// `run:` is good when the command exits with status 0.
struct RunCheck: Check, ProgramStarting {
    static let description = AdapterDescription(
        "run", .command, summary: "Runs a command; exit status 0 is a good answer.")

    let call: CommandCall

    init?(_ step: Section, world: World) {
        guard let call = CommandCall(step, "run", world: world) else { return nil }
        self.call = call
    }

    func ask(_ context: StepContext) async -> CheckAnswer {
        do throws(Failure) {
            let result = try await call.run(context)
            let head = "exit 0 in \(Wording.length(result.elapsed))"
            return CheckAnswer(
                isGood: true, evidence: joined(head, Wording.lastLines(result.output, count: 3)))
        } catch {
            return CheckAnswer(isGood: false, evidence: joined(error.message, error.evidence))
        }
    }

    private func joined(_ head: String, _ lines: [String]) -> String {
        ([head] + lines).joined(separator: "\n")
    }
}
