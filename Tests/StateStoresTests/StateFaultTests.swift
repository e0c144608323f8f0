import Contracts
import TestWorld
import Testing

@testable import StateStores

/// Whatever fails and wherever the process stops: no entry that was acknowledged is lost unsaid.
struct StateFaultTests {
    enum Fate: CaseIterable {
        case failsOnce
        case failsOnceBeforeThePowerIsCut
        case processDies
        case processDiesInAWrite
        case powerIsCut
        case powerIsCutInAWrite

        var trouble: MemoryFiles.Trouble {
            switch self {
            case .failsOnce, .failsOnceBeforeThePowerIsCut: .failure(.noSpace)
            case .processDies, .powerIsCut: .death()
            case .processDiesInAWrite, .powerIsCutInAWrite: .death(written: 40)
            }
        }

        var cutsPower: Bool {
            switch self {
            case .failsOnce, .processDies, .processDiesInAWrite: false
            case .failsOnceBeforeThePowerIsCut, .powerIsCut, .powerIsCutInAWrite: true
            }
        }
    }

    @Test(arguments: Fate.allCases)
    func `no operation of a run can fail unnoticed`(fate: Fate) async throws {
        var operation = 0
        var wasMet = true
        while wasMet {
            operation += 1
            let rig = Rig()
            try await rig.run([], seed: 41)
            rig.disk.prepare(fate.trouble, at: operation)
            let written = await run(Sample.deployment, on: rig)
            wasMet = rig.disk.restart()
            if fate.cutsPower { rig.disk.cutPower() }
            try check(rig, written, fate, operation)
            try await rig.run([], seed: 43)
            let next = try rig.store().load()
            #expect(next.condition == .sound, "\(fate) at operation \(operation)")
            #expect(next.record.epoch > written.epoch)
        }
        #expect(operation > 60)
    }

    struct Written {
        var epoch = 1
        var run: RunID?
        /// What `append` acknowledged, and how much of it as durable.
        var events: [RunEvent] = []
        var durable = 0
    }

    /// Every other entry is durable; after a failure the run goes on as a rollback would.
    private func run(_ events: [RunEvent], on rig: Rig) async -> Written {
        var written = Written()
        guard let journal = try? await rig.store().begin() else { return written }
        written.epoch = journal.beginning.epoch
        written.run = journal.beginning.run
        written.events = [.began(journal.beginning)]
        written.durable = 1
        for (index, event) in events.enumerated() {
            let isDurable = index.isMultiple(of: 2)
            // The failure is the point: the event is then not acknowledged.
            guard (try? await journal.append(event, isDurable: isDurable)) != nil else { continue }
            written.events.append(event)
            if isDurable { written.durable = written.events.count }
        }
        await journal.close()
        return written
    }

    private func check(
        _ rig: Rig, _ written: Written, _ fate: Fate, _ operation: Int
    ) throws {
        let stored = try rig.store().load()
        #expect(!stored.condition.isCorrupt, "\(fate) at \(operation): \(stored.condition.words)")
        guard let run = written.run else { return }
        let entries = try rig.store().entries(of: run) ?? []
        let certain = fate.cutsPower ? written.durable : written.events.count
        #expect(
            entries.map(\.event).prefix(certain) == written.events.prefix(certain),
            "\(fate) at operation \(operation)")
        #expect(stored.record.run == Record(replaying: entries).run)
    }
}
