import FoundationEssentials
import Glibc
import Testing
import TrafficRig

/// What the real program does when the ground gives way; `make faults` tries every case.
@Suite(.needsStrace)
struct FaultSuite {
    @Test(arguments: FaultSituation.allCases)
    func `a command killed before any system call leaves a truthful status and a way back`(
        situation: FaultSituation
    ) async throws {
        try await FaultGround.open(situation) { ground in
            let calls = try await Injection.calls(of: situation.command, in: ground.scene)
            try await ground.inject(calls.map { Injection($0, "signal=KILL") }, "kill \(situation)")
        }
    }

    @Test(arguments: FaultSituation.allCases)
    func `an error of any call that touches a file of the record or the router is told truthfully`(
        situation: FaultSituation
    ) async throws {
        try await FaultGround.open(situation) { ground in
            try await ground.inject(ground.fileErrors(), "errno \(situation)")
        }
    }

    @Test func `a file aside that could not be locked or looked at is not left behind`()
        async throws
    {
        try await FaultGround.open(.rollingBack) { ground in
            let command = ground.situation.command
            let looks = try await Injection.calls(of: command, in: ground.scene) {
                $0.contains(".tmp")
            }
            .filter { ["flock", "fstat", "newfstatat"].contains($0.name) }
            let sample = FaultSample("errno aside")
            for injection in sample.cases(of: looks.map { Injection($0, "error=EIO") }) {
                try ground.reset()
                let ending = try await injection.run(command, in: ground.scene)
                let isHit = try injection.hasStruck(ending, in: ground.scene)
                let left = Leftovers(folder: ground.scene.folder).asides
                sample.note(injection, hit: isHit, wrong: left)
            }
            sample.report()
        }
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP], FaultSituation.plain)
    func `a command that is interrupted at any system call leaves nothing half done`(
        signal: Int32, situation: FaultSituation
    ) async throws {
        try await FaultGround.open(situation) { ground in
            let calls = try await Injection.calls(of: situation.command, in: ground.scene)
            let sample = FaultSample("signal \(signal) \(situation)")
            for injection in sample.cases(of: calls.map({ Injection($0, "signal=STOP") })) {
                try ground.reset()
                let (ending, isHit) = try await injection.interrupt(
                    situation.command, by: signal, in: ground.scene)
                let wrong = try await ground.wrongAnswers(
                    after: ending, by: sample.repair(after: injection))
                sample.note(injection, hit: isHit, wrong: wrong)
            }
            sample.report()
        }
    }

    @Test func `a damaged journal is noticed, and traffic goes back all the same`() async throws {
        try await FaultGround.open(.rollingBack) { ground in
            let journal = try ground.newestJournal()
            let bytes = Array(try Data(contentsOf: journal))
            let sample = FaultSample("journal")
            for damage in sample.cases(of: JournalDamage.all(of: bytes)) {
                try ground.reset()
                try Data(damage.applied(to: bytes)).write(to: journal)
                let wrong = try await ground.wrongAnswers(
                    by: sample.repair(after: damage), hint: "ecord")
                sample.note(damage, hit: true, wrong: wrong)
            }
            sample.report()
        }
    }
}

extension FaultGround {
    func newestJournal() throws -> URL {
        let files = try FileManager.default.contentsOfDirectory(atPath: scene.record + "/runs")
        let newest = try #require(files.filter { $0.hasSuffix(".jsonl") }.max())
        return URL(filePath: "\(scene.record)/runs/\(newest)")
    }
}
