import Contracts
import PipelineModel
import TestWorld
import Testing

@testable import Checks

private let count: Written = ["run": ["./count-orders", "${color}"]]

@Suite struct RunMetricTests {
    @Test(arguments: [
        ("8\n", Measurement.value(8)), (" 0.25 \r\n", .value(0.25)), ("0", .value(0)),
        ("-3e2", .value(-300)), ("+1", .value(1)),
        ("", .noData("the command printed nothing")),
        (" \n\n", .noData("the command printed nothing")),
        ("NaN", .noData("the command printed 'NaN', not one number")),
        ("nan", .noData("the command printed 'nan', not one number")),
        ("inf", .noData("the command printed 'inf', not one number")),
        ("1e999", .noData("the command printed '1e999', not one number")),
        ("0x10", .noData("the command printed '0x10', not one number")),
        ("8%", .noData("the command printed '8%', not one number")),
        ("8 9", .noData("the command printed '8 9', not one number")),
        ("1\n2", .noData("the command printed '1\n2', not one number")),
        ("٣", .noData("the command printed '٣', not one number")),
    ])
    func `one printed number is measured and anything else is no data`(
        output: String, expected: Measurement
    ) async throws {
        let world = World.programs(ProcessResult(ending: .exited(0), output: output))
        #expect(try await measure("run", count, world: world) == expected)
    }

    @Test func `a flood of output is shown by its beginning`() async throws {
        let flood = String(repeating: "x", count: 60_000)
        let world = World.programs(ProcessResult(ending: .exited(0), output: flood))
        let shown = String(repeating: "x", count: 80) + "…"
        #expect(
            try await measure("run", count, world: world)
                == .noData("the command printed '\(shown)', not one number"))
    }

    @Test func `a failed command is no data, whatever it printed`() async throws {
        let world = World.programs(
            ProcessResult(
                ending: .exited(2), output: "0", errors: "a\nno database", elapsed: .seconds(1)))
        #expect(
            try await measure("run", count, world: world)
                == .noData("`./count-orders green` exited with status 2 after 1 s. no database"))
    }

    @Test func `a command that takes too long is no data`() async throws {
        let world = World.programs(ProcessResult(ending: .timedOut))
        #expect(
            try await measure("run", count, world: world)
                == .noData("`./count-orders green` did not end within 1 m and was stopped."))
    }

    @Test func `it needs nothing counted`() {
        #expect(RunMetric(count.section(), world: .offLimits)?.needs == [])
    }
}
