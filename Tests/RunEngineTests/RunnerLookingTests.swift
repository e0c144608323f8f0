import Contracts
import PipelineModel
import TestWorld
import Testing

@testable import RunEngine

/// What a run sees right before it writes.
@Suite(.timeLimit(.minutes(10)))
struct RunnerLookingTests {
    private let stage = Stage()

    private func green(up count: Int) {
        let green = Pool(serversUp: count, serversInAll: 1)
        stage.router.show {
            $0.pools = [.blue: Pool(serversUp: 1, serversInAll: 1), .green: green]
        }
    }

    /// The router loses green after the first look, while both colours are asked who they are, and
    /// has it again after `absence`.
    private func play(absence: Duration) async -> Outcome {
        green(up: 1)
        let time = stage.time.time
        return await stage.play(stage.journal(.switching()), stage.equipment()) {
            await time.sleep(.microseconds(500))
            green(up: 0)
            await time.sleep(absence)
            green(up: 1)
        }
    }

    private var waits: [Failure.Code] {
        stage.reported.compactMap {
            if case .waiting(let failure, _) = $0 { failure.code } else { nil }
        }
    }

    @Test func `what is not ready at the last look before a write is waited for`() async {
        let outcome = await play(absence: .seconds(9))
        #expect(outcome.ending == .succeeded)
        #expect(Set(waits) == [.capacityMissing])
        #expect(stage.router.live == .green)
    }

    @Test func `what does not become ready is not switched to`() async {
        let outcome = await play(absence: .seconds(11))
        #expect(outcome.ending == .failedBeforeSwitch)
        #expect(outcome.failure?.code == .capacityMissing)
        #expect(stage.router.writes.isEmpty)
    }

    @Test(arguments: [
        (Inspection.harmful("a cache hides the way back", mend: "'off'"), false),
        (.doubtful("a cache may hide the way back", mend: "'off'"), true),
        (.sound("no cache"), true),
    ])
    func `what would hide the way back is found before a write`(
        inspection: Inspection, isSwitched: Bool
    ) async {
        stage.router.configure(inspection)
        let outcome = await stage.play(stage.journal(.switching()), stage.equipment())
        #expect(outcome.ending == (isSwitched ? .succeeded : .failedBeforeSwitch))
        #expect(stage.router.writes.isEmpty != isSwitched)
        guard !isSwitched else { return }
        #expect(outcome.failure?.code == .routerRefused)
        #expect(outcome.failure?.message.contains("a cache hides the way back") == true)
    }
}
