import Contracts
import Testing

@testable import Routers

@Suite struct HAProxyRuntimeTests {
    @Test(arguments: [
        (
            "type=str, case=sensitive, found=yes, idx=tree, key=\"shop\", value=\"blue\", type=\"str\"",
            HAProxyLookup.value("blue")
        ),
        (
            "type=str, case=sensitive, found=yes, idx=tree, key=\"shop\", value=\"a\"b, type=\"c\", type=\"str\"",
            .value("a\"b, type=\"c")
        ),
        ("type=str, case=sensitive, found=no", .keyMissing),
        (
            "type=beg, case=sensitive, found=yes, idx=tree, key=\"sh\", value=\"blue\", type=\"str\"",
            .keyMissing
        ),
        (
            "Unknown map identifier. Please use #<id> or <file>.",
            .refused("Unknown map identifier. Please use #<id> or <file>.")
        ),
        ("", .refused("")),
    ])
    func `an answer to get map is read`(_ answer: String, _ lookup: HAProxyLookup) {
        #expect(HAProxyLookup(Array(answer.utf8)[...], key: "shop") == lookup)
    }

    @Test func `a map used in two ways that disagree is not readable`() {
        let line =
            "type=str, case=sensitive, found=yes, idx=tree, key=\"shop\", value=\"X\", type=\"str\""
        let lines = ["blue", "green"].map { line.replacing("X", with: $0) }
        let answer = Array(lines.joined(separator: "\n").utf8)
        #expect(HAProxyLookup(answer[...], key: "shop") == nil)
    }

    @Test func `an answer without its empty line is cut`() {
        #expect(HAProxyAnswer(Array("type=str\n".utf8)[...]) == nil)
        #expect(HAProxyAnswer([]) == nil)
    }

    /// Recorded from HAProxy 2.6.12.
    private static let processes = """
        #<PID>          <type>          <reloads>       <uptime>        <version>      
        19938           master          3 [failed: 0]   0d00h00m41s     2.6.12-1+deb12u4
        # workers
        22946           worker          0               0d00h00m00s     2.6.12-1+deb12u4
        # old workers
        22898           worker          1               0d00h00m01s     2.6.12-1+deb12u4
        22890           worker          2               0d00h00m09s     2.6.12-1+deb12u4
        # programs


        """

    @Test func `old workers are counted`() {
        #expect(HAProxyProcesses.oldWorkers(in: Array(Self.processes.utf8)) == 2)
    }

    @Test(arguments: ["", "\n\n", "Unknown command\n\n", "#<PID> cut"])
    func `what is no table of processes counts nothing`(_ answer: String) {
        #expect(HAProxyProcesses.oldWorkers(in: Array(answer.utf8)) == nil)
    }
}
