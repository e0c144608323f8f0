import FoundationEssentials
import Testing
import TrafficRig

/// What the real program does when the ground gives way; `make faults` tries every case.
@Suite(.needsStrace)
struct FaultSuite {
    typealias Situation = FaultGround.Situation

    @Test(arguments: Situation.allCases)
    func `a command killed before any system call leaves a truthful status and a way back`(
        situation: Situation
    ) async throws {
        try await FaultGround.open(situation) { ground in
            let calls = try await Injection.calls(of: situation.command, in: ground.scene)
            try await ground.inject(calls.map { Injection($0, "signal=KILL") }, "kill \(situation)")
        }
    }

    @Test(arguments: Situation.allCases)
    func `an error of any call that touches a file of the record or the router is told truthfully`(
        situation: Situation
    ) async throws {
        try await FaultGround.open(situation) { ground in
            let calls = try await Injection.calls(of: situation.command, in: ground.scene) {
                $0.contains("/.bluegreen/") || $0.contains(HAProxyRig.mapName)
            }
            let all = calls.flatMap { call in
                Self.errors(of: call.name).map { Injection(call, "error=\($0)") }
            }
            try await ground.inject(all, "errno \(situation)")
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
                let wrong = try await ground.wrongAnswers(hint: "ecord")
                sample.note(damage, hit: true, wrong: wrong)
            }
            sample.report()
        }
    }

    /// What the kernel may answer, as far as a program could treat it differently.
    private static func errors(of call: String) -> [String] {
        switch call {
        case "openat": ["EIO", "EACCES", "EMFILE", "ENOSPC", "EROFS", "EINTR"]
        case "write", "pwrite64": ["EIO", "ENOSPC", "EDQUOT", "EINTR"]
        case "read", "pread64": ["EIO", "EINTR"]
        case "fdatasync", "fsync", "ftruncate": ["EIO", "ENOSPC"]
        case "fallocate": ["EIO", "ENOSPC", "EOPNOTSUPP"]
        case "renameat", "rename", "mkdirat", "mkdir": ["EIO", "EACCES", "ENOSPC", "EROFS"]
        case "flock": ["EINTR", "ENOLCK"]
        default: ["EIO"]
        }
    }
}

extension FaultGround {
    fileprivate func newestJournal() throws -> URL {
        let files = try FileManager.default.contentsOfDirectory(atPath: scene.record + "/runs")
        let newest = try #require(files.filter { $0.hasSuffix(".jsonl") }.max())
        return URL(filePath: "\(scene.record)/runs/\(newest)")
    }

    fileprivate func inject(_ all: [Injection], _ kind: String) async throws {
        let sample = FaultSample(kind)
        for injection in sample.cases(of: all) {
            try reset()
            let ending = try await injection.run(situation.command, in: scene)
            let hit = try ending.status == nil || scene.folder.read("injected").contains("INJECTED")
            sample.note(injection, hit: hit, wrong: try await wrongAnswers(after: ending))
        }
        sample.report()
    }
}
