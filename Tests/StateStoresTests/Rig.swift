import Contracts
import PipelineModel
import StateStores
import TestWorld
import Testing

/// One disk, and stores of as many processes as a test wants on it.
struct Rig {
    static let folder = "/state/shop@production"

    var disk = MemoryFiles()
    let time = ManualTime()

    /// The store as one process sees it; `seed` makes its random names.
    func store(service: String = "shop", seed: UInt64 = 42) -> FileStateStore {
        FileStateStore(
            root: "/state", service: service, stage: "production", world: world(seed: seed))
    }

    func world(seed: UInt64 = 42) -> World {
        var world = World.offLimits
        world.files = disk.files
        world.locks = disk.locks
        world.time = time.time
        world.host.randomBits = { seed }
        return world
    }

    /// A run that goes through `events` and gives up its ownership.
    @discardableResult
    func run(
        _ events: [RunEvent] = [], seed: UInt64 = 42
    ) async throws(Failure) -> RunBeginning {
        let journal = try await store(seed: seed).begin()
        for event in events { try await journal.append(event, isDurable: true) }
        await journal.close()
        return journal.beginning
    }

    /// The files of the runs, oldest first.
    var journals: [String] {
        disk.paths.filter { $0.hasPrefix(Self.folder + "/runs/") && $0.hasSuffix(".jsonl") }
    }

    var stateFile: String { Self.folder + "/state.json" }

    func lines(_ path: String) -> [String] {
        String(decoding: disk[path] ?? [], as: UTF8.self).split(separator: "\n").map(String.init)
    }

    func write(_ lines: [String], _ path: String) {
        disk[path] = Array(lines.map { $0 + "\n" }.joined().utf8)
    }
}

extension StateStore {
    func begin(
        above epoch: Int = 0, patience: Duration = .milliseconds(300),
        supersedes: RunID? = nil
    ) async throws(Failure) -> any RunJournal {
        try await begin(above: epoch, patience: patience, judging: { _ in }) { run, epoch in
            Sample.beginning(run, epoch, supersedes: supersedes)
        }
    }

    /// Condition after a fresh look.
    var condition: StoredRecord.Condition {
        get throws(Failure) { try load().condition }
    }
}

extension StoredRecord.Condition {
    var isSound: Bool { self == .sound }
    var isTorn: Bool { if case .torn = self { true } else { false } }
    var isCorrupt: Bool { if case .corrupt = self { true } else { false } }
    var isTooNew: Bool { if case .tooNew = self { true } else { false } }

    var words: String {
        switch self {
        case .absent, .sound: ""
        case .torn(let words), .corrupt(let words), .tooNew(let words): words
        }
    }
}
