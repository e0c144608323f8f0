import FoundationEssentials
import Glibc
import Testing
import TrafficRig

/// A machine that gives a command less than it needs, or another time.
private struct Handicap: CustomStringConvertible {
    let description: String
    /// The words before the command.
    let words: [String]

    init(_ words: String...) {
        description = words.joined(separator: " ")
        self.words = words
    }

    /// Below 20 descriptors a library that gets none may end the program, and the kernel one that has
    /// no room for its own file (execve(2)); that is then a death like any other.
    var allowance: FaultGround.Allowance {
        let isDeadly =
            description.contains("nofile") && !description.hasSuffix(":20")
            || description.contains("--as=67108864")
        return isDeadly ? [.crash] : []
    }

    static let limits =
        [4, 6, 8, 10, 12, 14, 16, 18, 20].map { Handicap("prlimit", "--nofile=\($0):\($0)") }
        + [0, 1, 100, 500, 1000, 2000, 4000].map { Handicap("prlimit", "--fsize=\($0):\($0)") }
        + [256, 512].map { Handicap("prlimit", "--stack=\($0 << 10):\($0 << 10)") }
        + [64, 128, 192, 256, 320, 384, 512].map {
            Handicap("prlimit", "--as=\($0 << 20):\($0 << 20)")
        }
}

extension FaultSuite {
    @Suite(.serialized)
    struct LimitTests {
        @Test(arguments: FaultSituation.plain)
        func `a command that is given too little says so, and production is told truthfully`(
            situation: FaultSituation
        ) async throws {
            try await FaultGround.open(situation) { ground in
                let sample = FaultSample("limit \(situation)")
                for handicap in sample.cases(of: Handicap.limits) {
                    try ground.reset()
                    let ending = try await ground.run(handicap.words)
                    // With a soft landing there is nothing to see: the limit was wide enough.
                    let isHit = ending.status != 0 || !ending.errors.isEmpty
                    let wrong = try await ground.wrongAnswers(
                        after: ending, by: sample.repair(after: handicap),
                        allowing: handicap.allowance)
                    sample.note(handicap, hit: isHit, wrong: wrong)
                }
                sample.report()
            }
        }

        @Test func `a rollback goes on where no file may grow`() async throws {
            let limit = Handicap("prlimit", "--fsize=1:1")
            try await FaultSample.one("limit told", limit) { wrong in
                try await FaultGround.open(.rollingBack) { ground in
                    let done = try await ground.run(limit.words)
                    if done.status != 74 { wrong.append("\(done)") }
                    let live = try await ground.live()
                    if live != "blue" { wrong.append("\(live) is live") }
                }
            }
        }

        @Test(.needsRoot, arguments: FaultSituation.plain)
        func `a disk that is full or read-only is told truthfully, and rollback works on it`(
            situation: FaultSituation
        ) async throws {
            try await FaultGround.open(situation) { ground in
                let sample = FaultSample("disk \(situation)")
                try await ground.mounted { disk in
                    for state in sample.cases(of: SmallDisk.State.all) {
                        try await disk.set(.free(1024))
                        try ground.reset()
                        try await disk.set(state)
                        let ending = try await ground.run([])
                        var wrong = try await ground.wayBack(on: state)
                        try await disk.set(.free(1024))
                        wrong += try await ground.wrongAnswers(
                            by: sample.repair(after: state), allowing: .unrecorded)
                        sample.note(
                            state, hit: ending.status != 0 || !ending.errors.isEmpty, wrong: wrong)
                    }
                }
                sample.report()
            }
        }

        @Test(.needsRoot)
        func `a rollback on a full disk is recorded in the room that was kept for it`()
            async throws
        {
            try await FaultGround.open(.rollingBack) { ground in
                #expect(ground.keptRoom >= FaultGround.spareSize, "no room was kept")
                let sample = FaultSample("disk with a spare")
                try await ground.mounted { disk in
                    for state in sample.cases(of: SmallDisk.State.full) {
                        try await disk.set(.free(1024))
                        try ground.reset()
                        try ground.keepRoom()
                        try await disk.set(state)
                        var wrong: [String] = []
                        let done = try await patiently { try await ground.run([]) }
                        if done.status != 0 || done.errors.contains("could not be frozen") {
                            wrong.append("\(done)")
                        }
                        if try await ground.live() != "blue" { wrong.append("it moved nothing") }
                        let status = try await ground.answer("status", in: &wrong)
                        if status?.exit != 0 { wrong.append("status: \(status?.problems ?? [])") }
                        sample.note(state, hit: true, wrong: wrong)
                    }
                }
                sample.report()
            }
        }

        @Test(.needsRoot)
        func `a rollback on a full disk without that room says that it is not recorded`()
            async throws
        {
            try await FaultSample.one("disk without a spare", SmallDisk.State.free(0)) { wrong in
                try await FaultGround.open(.rollingBack) { ground in
                    try await ground.mounted { disk in
                        try await disk.set(.free(1024))
                        try ground.reset()
                        unlink(ground.spare)
                        try await disk.set(.free(0))
                        let done = try await patiently { try await ground.run([]) }
                        if done.status != 74 { wrong.append("\(done)") }
                        if try await ground.live() != "blue" { wrong.append("it moved nothing") }
                    }
                }
            }
        }
    }
}

/// A small disk under the record.
struct SmallDisk {
    enum State: CustomStringConvertible {
        /// In KiB.
        case free(Int)
        case readOnly

        static let all: [State] = [.readOnly] + full
        static let full: [State] =
            [0, 4, 8, 12, 16, 24, 32, 48, 64, 80, 96, 128, 160].map { .free($0) }

        var description: String {
            switch self {
            case .free(let size): "\(size) KiB free"
            case .readOnly: "read-only"
            }
        }
    }

    let path: String
    private static let size = 2048

    static func mount(
        on path: String, _ body: (SmallDisk) async throws -> Void
    ) async throws {
        let disk = SmallDisk(path: path)
        try await disk.call("mount", "-t", "tmpfs", "-o", "size=\(size)k,mode=700", "tmpfs", path)
        do {
            try await body(disk)
        } catch {
            try await disk.call("umount", "-l", path)
            throw error
        }
        try await disk.call("umount", "-l", path)
    }

    /// Fills it up to what shall be free.
    func set(_ state: State) async throws {
        try await call("mount", "-o", "remount,rw", path)
        unlink(path + "/filler")
        switch state {
        case .readOnly: try await call("mount", "-o", "remount,ro", path)
        case .free(let size):
            var facts = statvfs()
            guard statvfs(path, &facts) == 0 else { throw RigFailure("no disk at \(path)") }
            let free = Int(facts.f_bfree) * Int(facts.f_frsize)
            let filler = [UInt8](repeating: 0, count: max(0, free - size * 1024))
            try Data(filler).write(to: URL(filePath: path + "/filler"))
        }
    }

    private func call(_ words: String...) async throws {
        let done = try await ChildProcess.run(words)
        guard done.status == 0 else { throw RigFailure("\(words): \(done)") }
    }
}

extension FaultGround {
    /// The command of the situation, with `words` before it.
    func run(_ words: [String]) async throws -> FinishedProcess {
        try await ChildProcess.run(
            words + [Products.bluegreen] + situation.command, environment: quickDeath,
            directory: scene.folder.path)
    }

    fileprivate func mounted(_ body: (SmallDisk) async throws -> Void) async throws {
        try await SmallDisk.mount(on: recordFolder, body)
    }

    fileprivate static let spareSize = 128 << 10

    /// What a run that went forward has left for a rollback on a full disk.
    fileprivate var spare: String { scene.record + "/spare" }

    /// In blocks that it has, whatever its length.
    fileprivate var keptRoom: Int {
        var status = stat()
        return lstat(spare, &status) == 0 ? Int(status.st_blocks) * 512 : 0
    }

    /// A copy of the record need not have the blocks of the first one.
    fileprivate func keepRoom() throws {
        try Data(count: Self.spareSize).write(to: URL(filePath: spare))
    }

    /// While there is no room for a record: `status` sees, and `rollback` moves.
    fileprivate func wayBack(on state: SmallDisk.State) async throws -> [String] {
        var wrong: [String] = []
        let status = try await answer("status", in: &wrong)
        let real = try await live()
        if status?.routers.first?.now != real {
            wrong.append("status names \(status?.routers.first?.now ?? "nobody"), not \(real)")
        }
        let back = try await scene.rollBack(to: situation.home)
        if ![0, 74].contains(back.status) { wrong.append("rollback with \(state): \(back)") }
        if try await live() != situation.home { wrong.append("it moved nothing: \(back)") }
        return wrong
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips, and says so, where this user may not mount anything.
    static var needsRoot: Self { .enabled(if: RootPresence.isRoot, "this user is not root") }
}

private enum RootPresence {
    /// Decided, and said, once per test run.
    static let isRoot: Bool = {
        if geteuid() != 0 { print("skipped: what mounts or cuts networks needs root") }
        return geteuid() == 0
    }()
}
