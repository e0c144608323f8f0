import Glibc
import Testing
import TrafficRig

extension FaultSuite {
    /// A process is stopped at any moment, somebody else goes back, and then it wakes up.
    @Suite(.serialized)
    struct StalledTests {
        @Test(arguments: FaultRouterKind.wanted, [FaultSituation.switching, .deploying])
        func `a command that stalls anywhere does not write after a rollback`(
            kind: FaultRouterKind, situation: FaultSituation
        ) async throws {
            try await FaultGround.open(situation, kind) { ground in
                let sample = FaultSample("stalled \(situation) \(kind)")
                try await overtake(ground, sample, from: [])
            }
        }

        /// Nobody there can end the process: the router itself has to refuse it.
        @Test(arguments: [FaultSituation.switching, .deploying])
        func `what wakes up after a rollback from a second machine is refused by the router`(
            situation: FaultSituation
        ) async throws {
            try await FaultGround.open(situation, .register) { ground in
                let sample = FaultSample("stalled \(situation) elsewhere")
                let elsewhere = ground.scene.folder.file("elsewhere")
                try await overtake(ground, sample, from: ["--state", elsewhere])
            }
        }

        private func overtake(
            _ ground: FaultGround, _ sample: FaultSample, from place: [String]
        ) async throws {
            let (scene, situation) = (ground.scene, ground.situation)
            let calls = try await ground.outsideCalls()
            for moment in sample.cases(of: calls.map { Injection($0, "signal=STOP") }) {
                try ground.reset()
                var wrong: [String] = []
                var isOvertaken = false
                var isUnrecorded = !place.isEmpty
                var recorded = 0
                let (ending, isHit) = try await moment.pause(situation.command, in: scene) { _ in
                    let before = try ground.router.held()
                    let back = try await scene.rollBack(to: situation.home, place)
                    // Stopped with the lock of the record in its hand: traffic moves all the same (74).
                    isUnrecorded = isUnrecorded || back.status == 74
                    if ![0, 74].contains(back.status) { wrong.append("\(back)") }
                    // Before there is anything to go back from, it writes nothing.
                    isOvertaken = try ground.router.held() != before
                    recorded = try scene.journal().count
                }
                if isOvertaken, try await ground.live() != situation.home {
                    wrong.append("it wrote after the rollback: \(ending)")
                }
                if isOvertaken, !isUnrecorded {
                    wrong += late(ending, try scene.journal(), after: recorded)
                }
                wrong += try await ground.wrongAnswers(
                    by: sample.repair(after: moment),
                    allowing: isUnrecorded ? .unrecorded : [])
                sample.note(moment, hit: isHit && isOvertaken, wrong: wrong)
            }
            sample.report()
        }

        /// Overtaken in the record, a run is ended, or finds that another one decides now: 12, and 20
        /// where a router is too busy to be read then. It records nothing more.
        private func late(
            _ ending: FinishedProcess, _ lines: [JournalLine], after recorded: Int
        ) -> [String] {
            let run = lines.filter { $0.e != lines.last?.e }
            let isTold = ending.ending == .killed(by: SIGKILL) || [12, 20].contains(ending.status)
            // One that had ended its run before has nothing left to find.
            let isWrong = !isTold && run.last?.k != "ended"
            let more = lines.count - recorded
            return (isWrong ? ["overtaken, it ended as \(ending)"] : [])
                + (more == 0 ? [] : ["overtaken, it recorded \(more) more"])
        }
    }
}
