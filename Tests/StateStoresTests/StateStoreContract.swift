import Contracts
import PipelineModel
import Testing

/// What every state store keeps, wherever it keeps it. A store's tests run each clause on a fresh one;
/// `open` gives the view of one more process.
enum StateStoreContract: CaseIterable {
    typealias Open = @Sendable (_ process: UInt64) -> any StateStore

    case anEmptyStoreIsAbsent
    case anotherProcessReadsWhatWasAppended
    case epochsRiseAboveTheRouters
    case anOlderRunIsStoppedByANewerOne
    case closingGivesUpOwnershipAndKeepsTheEntries
    case pagesOfRunsJoinWithoutGapOrOverlap

    func check(_ open: Open) async throws {
        switch self {
        case .anEmptyStoreIsAbsent: try empty(open)
        case .anotherProcessReadsWhatWasAppended: try await shared(open)
        case .epochsRiseAboveTheRouters: try await epochs(open)
        case .anOlderRunIsStoppedByANewerOne: try await superseded(open)
        case .closingGivesUpOwnershipAndKeepsTheEntries: try await closed(open)
        case .pagesOfRunsJoinWithoutGapOrOverlap: try await pages(open)
        }
    }

    private func empty(_ open: Open) throws {
        #expect(try open(1).load().condition == .absent)
        #expect(try open(1).runs(before: nil, limit: 10).isEmpty)
    }

    private func shared(_ open: Open) async throws {
        let journal = try await open(1).begin()
        for event in Sample.deployment { try await journal.append(event, isDurable: true) }
        let stored = try open(2).load()
        #expect(stored.condition == .sound)
        #expect(stored.record.live?.color == .green)
        #expect(stored.isOwnerAlive)
        let entries = try open(2).entries(of: journal.beginning.run) ?? []
        #expect(entries.map(\.event) == [.began(journal.beginning)] + Sample.deployment)
    }

    private func epochs(_ open: Open) async throws {
        let first = try await open(1).begin(above: 7)
        let second = try await open(2).begin(above: 3)
        #expect([first, second].map(\.beginning.epoch) == [8, 9])
        #expect(first.newestEpoch() == 9)
    }

    private func superseded(_ open: Open) async throws {
        let first = try await open(1).begin()
        _ = try await open(2).begin()
        let append = await #expect(throws: Failure.self) {
            try await first.append(.claimed, isDurable: true)
        }
        let section = await #expect(throws: Failure.self) { try await first.whileNewest {} }
        #expect([append, section].map(\.?.code) == [.superseded, .superseded])
    }

    private func closed(_ open: Open) async throws {
        let journal = try await open(1).begin()
        await journal.close()
        #expect(try !open(2).load().isOwnerAlive)
        #expect(try open(2).runs(before: nil, limit: 1).count == 1)
    }

    private func pages(_ open: Open) async throws {
        for process in 1...5 {
            let journal = try await open(UInt64(process)).begin()
            await journal.close()
        }
        var seen: [RunRecord] = []
        for count in [2, 2, 1, 0] {
            let page = try open(1).runs(before: seen.last?.beginning.run, limit: 2)
            #expect(page.count == count)
            seen += page
        }
        #expect(seen.map(\.beginning.epoch) == [5, 4, 3, 2, 1])
    }
}

struct FileStateStoreContractTests {
    @Test(arguments: StateStoreContract.allCases)
    func `the file store keeps the contract`(clause: StateStoreContract) async throws {
        let rig = Rig()
        try await clause.check { rig.store(seed: $0) }
    }
}
