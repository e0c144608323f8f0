import Contracts
import PipelineModel
import TestWorld
import Testing

@testable import Checks

private func ask(_ result: ProcessResult) async throws -> CheckAnswer {
    let step: Written = ["run": ["npm", "run", "smoke", "--", "--base", "${color}"]]
    let check = try #require(CheckCatalog.make("run", step.section(), world: .programs(result)))
    return await check.ask(moment())
}

@Suite struct RunCheckTests {
    @Test func `exit 0 is good and shows the last lines`() async throws {
        let output = "1\n2\n3\n12 passed\n"
        let answer = try await ask(
            ProcessResult(ending: .exited(0), output: output, elapsed: .milliseconds(1200)))
        #expect(
            answer == CheckAnswer(isGood: true, evidence: "exit 0 in 1.2 s\n2\n3\n12 passed"))
    }

    @Test func `another status is bad and shows what was said`() async throws {
        let answer = try await ask(
            ProcessResult(
                ending: .exited(1), output: "no", errors: "1 failed", elapsed: .seconds(2)))
        #expect(
            answer
                == CheckAnswer(
                    isGood: false,
                    evidence: "`npm run smoke -- --base green` exited with status 1 after 2 s.\n"
                        + "1 failed"))
    }

    @Test func `a command that takes too long is bad`() async throws {
        let answer = try await ask(ProcessResult(ending: .timedOut))
        #expect(!answer.isGood)
        #expect(answer.evidence.hasSuffix("did not end within 1 m and was stopped."))
    }

    @Test func `a missing program is bad`() async throws {
        var world = World.offLimits
        world.processes.run = { _ throws(Failure) in throw Failure(.commandNotFound, "ENOENT") }
        let step: Written = ["run": ["npm"]]
        let check = try #require(RunCheck(step.section(), world: world))
        let answer = await check.ask(moment())
        #expect(answer == CheckAnswer(isGood: false, evidence: "There is no program 'npm'."))
    }
}
