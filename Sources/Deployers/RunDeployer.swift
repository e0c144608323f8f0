import Contracts
import PipelineModel

/// `run:` performs a step by running a command.
struct RunDeployer: Deployer, ProgramStarting {
    static let description = AdapterDescription(
        "run", .command,
        summary:
            "Runs a command; the step succeeded when the command exits with status 0. What it has"
            + " left running is ended then: what has to go on needs a `process` step or systemd.")

    let call: CommandCall

    init?(_ step: Section, world: World) {
        guard let call = CommandCall(step, "run", world: world) else { return nil }
        self.call = call
    }

    func perform(_ context: StepContext) async throws(Failure) -> String {
        let result = try await call.run(context)
        let words = result.leftWords.map { "; \($0)" } ?? ""
        return "exit 0 in \(Wording.length(result.elapsed))\(words)"
    }
}
