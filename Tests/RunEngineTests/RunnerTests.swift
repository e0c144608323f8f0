import Contracts
import PipelineModel
import Synchronization
import TestWorld
import Testing

@testable import RunEngine

/// Runs played to their end against doubles: the way forward.
@Suite(.timeLimit(.minutes(10)))
struct RunnerTests {
    let stage = Stage()

    @Test func `a good deployment ends proven on the new colour`() async {
        var equipment = stage.equipment()
        equipment.addStep { _ in "exit 0" }
        equipment.addCheck { _ in .good }
        let journal = stage.journal(.deploy(steps: ["up"], checks: ["healthy"]))
        let outcome = await stage.play(journal, equipment)
        #expect(outcome == Outcome(.succeeded, production: .proven(.green)))
        #expect(stage.router.live == .green)
        #expect(journal.isClosed)
    }

    @Test func `every router write stands directly after its durable announcement`() async {
        let outcome = await stage.play(.deploy())
        #expect(outcome.ending == .succeeded)
        let writes = stage.diary.lines.indices.filter { stage.diary.lines[$0].hasPrefix("router") }
        #expect(
            writes.map { stage.diary.lines[$0 - 1] } == [
                "journal claimIntended", "journal switchIntended",
            ])
        #expect(
            writes.map { stage.diary.lines[$0] } == ["router blue 41.1", "router green 41.2"])
    }

    @Test func `a step gets the idle colour, its address and the version`() async {
        let seen = Mutex<[String: String]>([:])
        var equipment = stage.equipment()
        equipment.addStep { context in
            seen.withLock { $0 = context.environment }
            return context.url
        }
        _ = await stage.play(stage.journal(.deploy(steps: ["up"])), equipment)
        let environment = seen.withLock { $0 }
        #expect(environment["BLUEGREEN_COLOR"] == "green")
        #expect(environment["BLUEGREEN_URL"] == "http://green.test")
        #expect(environment["BLUEGREEN_PORT"] == "80")
        #expect(environment["BLUEGREEN_VERSION"] == "2.8.0")
        #expect(environment["BLUEGREEN_LIVE_COLOR"] == "blue")
    }

    @Test func `a failing step leaves traffic alone`() async {
        var equipment = stage.equipment()
        equipment.addStep { _ throws(Failure) in throw Failure(.commandFailed, "exit 1") }
        let outcome = await stage.play(stage.journal(.deploy(steps: ["up"])), equipment)
        #expect(outcome.ending == .failedBeforeSwitch)
        #expect(outcome.production == .untouched(.blue))
        #expect(stage.router.writes.map(\.live) == [.blue])
    }

    @Test(arguments: [(1, 1), (3, 3)])
    func `a failing step is tried as often as declared`(attempts: Int, expected: Int) async {
        let tries = Mutex(0)
        var equipment = stage.equipment()
        equipment.addStep(retries: Retries(attempts: attempts)) { _ throws(Failure) in
            tries.withLock { $0 += 1 }
            throw Failure(.commandFailed, "exit 1")
        }
        _ = await stage.play(stage.journal(.deploy(steps: ["up"])), equipment)
        #expect(tries.withLock { $0 } == expected)
    }

    @Test func `a check that never passes keeps the switch from being written`() async {
        var equipment = stage.equipment()
        equipment.addCheck { _ in .bad }
        let outcome = await stage.play(stage.journal(.deploy(checks: ["healthy"])), equipment)
        #expect(outcome.ending == .failedBeforeSwitch)
        #expect(outcome.failure?.code == .checkFailed)
        #expect(stage.router.writes.map(\.live) == [.blue])
    }

    @Test func `what a check's command printed is a line of evidence each`() async {
        var equipment = stage.equipment()
        equipment.addCheck { _ in
            CheckAnswer(isGood: false, evidence: "exit 3\n2 of 12 failed\ncheckout: 500")
        }
        let outcome = await stage.play(stage.journal(.deploy(checks: ["healthy"])), equipment)
        let evidence = outcome.failure?.evidence.prefix(3) ?? []
        #expect(Array(evidence) == ["exit 3", "2 of 12 failed", "checkout: 500"])
    }

    @Test func `a check passes only with enough good answers in a row`() async {
        let asked = Mutex(0)
        var equipment = stage.equipment()
        equipment.addCheck(consecutive: 3) { _ in
            let number = asked.withLock { asked in
                asked += 1
                return asked
            }
            return number == 3 ? .bad : .good
        }
        let outcome = await stage.play(stage.journal(.deploy(checks: ["healthy"])), equipment)
        #expect(outcome.ending == .succeeded)
        #expect(asked.withLock { $0 } == 6)
    }

    private func endedChecks(_ journal: FakeJournal) -> [String] {
        journal.events.compactMap { event in
            guard case .stepEnded(let mark, _) = event, mark.phase == .check else { return nil }
            return mark.name
        }
    }

    @Test func `checks are asked beside each other`() async {
        var equipment = stage.equipment()
        for _ in 1...3 { equipment.addCheck(consecutive: 10) { _ in .good } }
        let journal = stage.journal(.deploy(checks: ["healthy", "complete", "fast"]))
        let began = stage.time.now
        let outcome = await stage.play(journal, equipment)
        let alone = equipment.checks[0].settings.interval * 10
        #expect(outcome.ending == .succeeded)
        #expect(stage.time.now - began < alone * 2)
        #expect(endedChecks(journal) == ["healthy", "complete", "fast"])
    }

    @Test func `the first check that fails ends the others`() async {
        var equipment = stage.equipment()
        equipment.addCheck(timeout: .seconds(600)) { _ in .bad }
        equipment.addCheck(timeout: .seconds(5)) { _ in .bad }
        let journal = stage.journal(.deploy(checks: ["patient", "quick"]))
        let began = stage.time.now
        let outcome = await stage.play(journal, equipment)
        #expect(outcome.ending == .failedBeforeSwitch)
        #expect(outcome.failure?.message.contains("'quick'") == true)
        #expect(stage.time.now - began < .seconds(60))
        #expect(endedChecks(journal) == ["quick"])
    }

    @Test func `a check that is skipped with a reason is not asked`() async {
        var equipment = stage.equipment()
        equipment.addCheck { _ in .bad }
        equipment.checks[0].skipReason = "known to be flaky"
        let outcome = await stage.play(stage.journal(.deploy(checks: ["healthy"])), equipment)
        #expect(outcome.ending == .succeeded)
    }

    // MARK: - Refused before the switch

    @Test func `a claim does not move traffic that somebody else has moved`() async {
        stage.router.show { $0.effective = .color(.green) }
        let outcome = await stage.play(.deploy())
        #expect(outcome.failure?.code == .drift)
        #expect(stage.router.writes.isEmpty)
    }

    @Test func `colours that answer alike are refused before the switch`() async {
        stage.pretend(.green)
        let outcome = await stage.play(.switching())
        #expect(outcome.ending == .failedBeforeSwitch)
        #expect(outcome.failure?.code == .identityAlike)
        #expect(stage.router.writes.isEmpty)
    }

    @Test func `a public address that does not answer while live serves is refused`() async {
        var equipment = stage.equipment()
        let send = equipment.world.http.send
        equipment.world.http.send = { request throws(HTTPFailure) in
            guard !request.url.hasPrefix("http://shop.test") else {
                throw HTTPFailure(.refused, "connection refused by shop.test")
            }
            return try await send(request)
        }
        let outcome = await stage.play(stage.journal(.switching()), equipment)
        #expect(outcome.ending == .failedBeforeSwitch)
        #expect(outcome.failure?.code == .notProven)
        #expect(stage.router.writes.isEmpty)
    }

    @Test func `an idle colour that does not answer is refused before the switch`() async {
        stage.spoil(.green)
        let outcome = await stage.play(.switching())
        #expect(outcome.failure?.code == .targetDown)
    }

    // MARK: - Proof

    @Test func `a switch that is not proven is undone with a higher token`() async {
        let journal = stage.journal(.switching()) { event in
            // From the moment of the announcement the public address is stuck on blue.
            if case .switchIntended = event { self.stage.pretend(.blue) }
            return false
        }
        let outcome = await stage.play(journal, stage.equipment())
        #expect(outcome.ending == .undone)
        #expect(outcome.production == .proven(.blue))
        #expect(outcome.failure?.code == .notProven)
        #expect(stage.router.writes.map(\.token.round) == [1, 2])
        #expect(stage.router.live == .blue)
    }

    @Test func `evidence counts real requests, not our own, and names the first new answer`()
        async throws
    {
        let journal = stage.journal(.switching()) { event in
            if case .switchIntended = event { self.stage.router.count(requests: 7, on: .green) }
            return false
        }
        _ = await stage.play(journal, stage.equipment())
        let proofs = journal.events.compactMap { event -> ProofEvidence? in
            if case .proved(let evidence) = event { evidence } else { nil }
        }
        let evidence = try #require(proofs.first)
        #expect(evidence.errors == 0)
        #expect(evidence.firstNew != nil)
        #expect(evidence.probes >= 20)
        #expect(evidence.realRequests?[.green] == 7)
        #expect(evidence.elapsed < .milliseconds(50))
    }

    @Test func `answers that contradict the router were told as requests of users`() async {
        let journal = stage.journal(.switching()) { event in
            if case .switchIntended = event { self.stage.pretend(.blue) }
            return false
        }
        _ = await stage.play(journal, stage.equipment())
        let evidence = journal.events.compactMap { event -> ProofEvidence? in
            if case .notProved(let evidence, _) = event { evidence } else { nil }
        }
        #expect(evidence.count == 1)
        #expect(evidence.allSatisfy { $0.realRequests == nil })
    }

    @Test func `a proof that hangs on one probe does not wait for it`() async throws {
        var equipment = stage.equipment()
        let send = equipment.world.http.send
        let time = stage.time
        let asked = Mutex(0)
        equipment.world.http.send = { request throws(HTTPFailure) in
            let number = asked.withLock { asked in
                asked += 1
                return asked
            }
            if number == 10 { await time.time.sleep(.seconds(600)) }
            return try await send(request)
        }
        let outcome = await stage.play(stage.journal(.switching()), equipment)
        #expect(outcome.production == .proven(.green))
        #expect(time.now < .seconds(1002))
    }

    @Test func `a proof that never comes is no flood of requests`() async {
        let journal = stage.journal(.switching()) { event in
            if case .switchIntended = event { self.stage.pretend(.blue) }
            return false
        }
        _ = await stage.play(journal, stage.equipment())
        let probes = journal.events.compactMap { event -> Int? in
            if case .notProved(let evidence, _) = event { evidence.probes } else { nil }
        }
        #expect(probes.count == 1)
        #expect(probes.allSatisfy { $0 < 2500 })
    }

    @Test func `without a public address the routers' word is all that is claimed`() async {
        var equipment = stage.equipment()
        equipment.entrance = nil
        let journal = stage.journal(.switching(isProvenByProbes: false))
        let outcome = await stage.play(journal, equipment)
        #expect(outcome == Outcome(.succeeded, production: .readBack(.green)))
    }
}
