import FoundationEssentials
import Testing
import TrafficRig

extension FaultSuite {
    /// Verbs that only look: they change nothing and never lie, whatever hits them.
    @Suite(.serialized)
    struct AskingTests {
        private static let verbs = [["status", "-o", "json"], ["history"], ["show"], ["lock"]]

        @Test(arguments: verbs, [FaultSituation.switching, .resuming])
        func `a question that is killed or meets an error changes nothing and does not lie`(
            words: [String], situation: FaultSituation
        ) async throws {
            try await FaultGround.open(situation) { ground in
                let kills = try await calls(of: words, in: ground).map {
                    Injection($0, "signal=KILL")
                }
                try await ask(words, kills, ground, "kill \(words[0]) \(situation)")
                try await ask(
                    words, ground.fileErrors(of: words), ground, "errno \(words[0]) \(situation)")
            }
        }

        private func calls(of words: [String], in ground: FaultGround) async throws -> [SystemCall]
        {
            try await Injection.calls(of: words, in: ground.scene)
        }

        private func ask(
            _ words: [String], _ all: [Injection], _ ground: FaultGround, _ kind: String
        ) async throws {
            let sample = FaultSample(kind)
            try ground.reset()
            let before = try ground.everything()
            for injection in sample.cases(of: all) {
                let ending = try await injection.run(words, in: ground.scene)
                let excuse = try injection.excuse(in: ground.scene, ground.router.files)
                var wrong = excuse.contains(.crash) ? [] : FaultGround.crashes(ending)
                wrong += try await lies(ending, words, ground)
                if try ground.everything() != before { wrong.append("something changed") }
                sample.note(
                    injection, hit: try injection.hasStruck(ending, in: ground.scene),
                    wrong: wrong)
            }
            sample.report()
        }

        private func lies(
            _ ending: FinishedProcess, _ words: [String], _ ground: FaultGround
        ) async throws -> [String] {
            var wrong: [String] = []
            guard words[0] == "status", let status = ending.status else { return wrong }
            guard [0, 20, 22, 33].contains(status) else {
                return ending.output.isEmpty ? wrong : wrong + ["an odd answer: \(ending)"]
            }
            let answer = try JSONDecoder().decode(
                StatusAnswer.self, from: Data(ending.output.utf8))
            let real = try await ground.live()
            if let now = answer.routers.first?.now, ["blue", "green"].contains(now), now != real {
                wrong.append("it says \(now), \(real) is live")
            }
            if status == 0, ground.situation == .resuming || answer.routers.first?.now != real {
                wrong.append("it says that all is well: \(ending)")
            }
            return wrong
        }
    }
}
