import Glibc
import Testing
import TrafficRig

/// When one of two rivals is killed, and what the other one wants: the round alone decides.
private struct RivalDeath: CustomStringConvertible {
    let round: Int

    /// In thousandths of the time that a switch takes when it is alone; scattered over the rounds.
    var moment: Int { round * 377 % 1000 }
    var other: String { round.isMultiple(of: 2) ? "blue" : "green" }

    var description: String { "\(round), at \(moment)/1000, beside a switch to \(other)" }

    static let all = (1...500).map { RivalDeath(round: $0) }
}

extension FaultSuite {
    /// Several writers of one service at the same time.
    @Suite(.serialized)
    struct RivalTests {
        @Test(arguments: [2, 50])
        func `rivals move traffic one after the other, and the record knows each`(
            number: Int
        ) async throws {
            try await Scene.open { scene in
                let sample = FaultSample("\(number) rivals")
                for round in sample.cases(of: Array(1...(number == 2 ? 500 : 20))) {
                    let endings = try await race(number, in: scene)
                    sample.note(
                        round, hit: endings.contains { $0.status == 0 },
                        wrong: try await wrongAnswers(endings, in: scene))
                }
                sample.report()
            }
        }

        /// Half of them want blue, half green.
        private func race(_ number: Int, in scene: Scene) async throws -> [FinishedProcess] {
            try await withThrowingTaskGroup(of: FinishedProcess.self) { group in
                for index in 0..<number {
                    let color = index.isMultiple(of: 2) ? "blue" : "green"
                    group.addTask { try await scene.run("switch", color, "--no-bake") }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }

        private func wrongAnswers(
            _ endings: [FinishedProcess], in scene: Scene
        ) async throws -> [String] {
            // Done, or somebody else was there first, or (40) HAProxy was too busy to answer in time.
            var wrong = endings.filter { ![0, 30, 33, 40].contains($0.status) }.map { "\($0)" }
            let status = try await scene.run("status")
            if status.status != 0 {
                wrong.append("\(status)")
                // Each round is judged by itself: a starved machine leaves moves that nobody could prove.
                _ = try await scene.run("resume")
            }
            let lines = try scene.journal()
            wrong += disorder(lines)
            let open = Set(lines.map(\.e)).subtracting(lines.filter { $0.k == "ended" }.map(\.e))
            if !open.isEmpty { wrong.append("runs that never ended: \(open.sorted())") }
            return wrong
        }

        private func disorder(_ lines: [JournalLine]) -> [String] {
            let tokens = lines.filter { $0.k == "switchIntended" }.map(\.e)
            let isRising = tokens == tokens.sorted() && Set(tokens).count == tokens.count
            return isRising ? [] : ["epochs out of order: \(tokens)"]
        }

        @Test func `where one of two rivals is killed, the other one and the next command know`()
            async throws
        {
            try await FaultGround.open(.switching) { ground in
                let began = ContinuousClock.now
                let alone = try await ground.run([])
                let length = ContinuousClock.now - began
                guard alone.status == 0 else { throw RigFailure("\(alone)") }
                let sample = FaultSample("killed rival")
                for death in sample.cases(of: RivalDeath.all) {
                    try ground.reset()
                    let (victim, other) = try await race(death, length, in: ground.scene)
                    // As above; nobody ends a rival but this test.
                    let told: Set<Int32?> = [0, 30, 33, 40]
                    let isHit = victim.ending == .killed(by: SIGKILL)
                    var wrong = (isHit ? [other] : [victim, other])
                        .filter { !told.contains($0.status) }.map { "\($0)" }
                    wrong += disorder(try ground.scene.journal())
                    wrong += try await ground.wrongAnswers(by: sample.repair(after: death))
                    sample.note(death, hit: isHit, wrong: wrong)
                }
                sample.report()
            }
        }

        /// The one that is killed begins first.
        private func race(
            _ death: RivalDeath, _ length: Duration, in scene: any Production
        ) async throws -> (victim: FinishedProcess, other: FinishedProcess) {
            try await withTemporaryFolder { logs in
                let victim = try ChildProcess(
                    [Products.bluegreen, "switch", "blue", "--no-bake"],
                    directory: scene.folder.path, logs: logs, name: "victim")
                defer { victim.killAtOnce() }
                async let other = scene.run("switch", death.other, "--no-bake")
                try await Task.sleep(for: length * death.moment / 1000)
                victim.signal(SIGKILL)
                return (try await victim.finish(), try await other)
            }
        }

        /// Stopped in the middle of its write, a switch is ended before anybody else writes.
        @Test func `a writer that hangs is gone before a rollback writes`() async throws {
            try await FaultGround.open(.switching) { ground in
                let sample = FaultSample("hanging writer")
                for round in sample.cases(of: Array(1...60)) {
                    try ground.reset()
                    let wrong = try await outrun(ground)
                    sample.note(round, hit: true, wrong: wrong + (try await ground.wrongAnswers()))
                }
                sample.report()
            }
        }

        private func outrun(_ ground: FaultGround) async throws -> [String] {
            let (scene, gate) = (ground.scene, try ground.gate)
            gate.hold("shop blue:", .beforeHAProxy)
            var wrong: [String] = []
            try await scene.beside("switch") { writer in
                try await gate.waitUntilHolding()
                writer.signal(SIGSTOP)
                gate.forget()
                let back = try await scene.run("rollback", "--to", "green")
                if back.status != 0 { wrong.append("\(back)") }
                if writer.endedAs != .killed(by: SIGKILL) {
                    wrong.append("the writer: \(String(describing: writer.endedAs))")
                }
            }
            return wrong
        }
    }
}
