import Contracts
import PipelineModel
import TestWorld
import Testing

@testable import Commands

/// How long `status` and `doctor` say that a rollback would take.
@Suite struct RollbackLengthTests {
    private func milliseconds(_ delays: Duration..., proof: Duration? = nil) -> Int {
        StatusReport.rollbackMilliseconds(
            delays.map { FakeRouter(live: .blue, usualDelay: $0) }, observing: .milliseconds(2),
            answer: nil, proof: proof)
    }

    @Test func `routers that follow at once cost their questions and the record`() {
        #expect(milliseconds(.zero, .zero) == 3 * 2 + 5)
    }

    @Test func `a rollback takes as long as the slowest router`() {
        #expect(milliseconds(.zero, .seconds(2), .seconds(1)) == 2000 + 3 * 2 + 5)
    }

    @Test func `what the last proof took says more than what a router usually takes`() {
        #expect(milliseconds(.seconds(2), proof: .milliseconds(900)) == 900 + 3 * 2 + 5)
    }
}
