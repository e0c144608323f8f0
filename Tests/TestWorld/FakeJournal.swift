package import Contracts
import Synchronization

/// A journal in memory that can be full, and that can be overtaken by a newer run.
package final class FakeJournal: RunJournal {
    private struct State: Sendable {
        var events: [RunEvent] = []
        var newest: Int
        var isClosed = false
        var isLocked = false
    }

    package let beginning: RunBeginning
    private let diary: Diary
    private let refuses: @Sendable (RunEvent) -> Bool
    private let state: Mutex<State>

    /// `refuses` tells which events cannot be written.
    package init(
        _ beginning: RunBeginning, diary: Diary = Diary(),
        refuses: @escaping @Sendable (RunEvent) -> Bool = { _ in false }
    ) {
        self.beginning = beginning
        self.diary = diary
        self.refuses = refuses
        state = Mutex(State(newest: beginning.epoch))
    }

    // MARK: - For the test

    package var events: [RunEvent] { state.withLock { $0.events } }
    package var isClosed: Bool { state.withLock { $0.isClosed } }

    package func beginNewerRun() {
        state.withLock { $0.newest = beginning.epoch + 1 }
    }

    /// From now on no critical section can be entered.
    package func lock() {
        state.withLock { $0.isLocked = true }
    }

    // MARK: - RunJournal

    package func append(_ event: RunEvent, isDurable: Bool) async throws(Failure) {
        try checkNewest()
        guard !refuses(event) else {
            throw Failure(.recordUnwritable, "No space left on device.")
        }
        diary.note("journal \(Self.word(event))")
        state.withLock { $0.events.append(event) }
    }

    package func whileNewest<Result: Sendable>(
        _ body: @Sendable () async -> Result
    ) async throws(Failure) -> Result {
        try checkNewest()
        guard !state.withLock({ $0.isLocked }) else {
            throw Failure(.recordUnwritable, "The lock cannot be taken.")
        }
        return await body()
    }

    package func newestEpoch() -> Int { state.withLock { $0.newest } }

    package func close() async { state.withLock { $0.isClosed = true } }

    private func checkNewest() throws(Failure) {
        guard newestEpoch() > beginning.epoch else { return }
        throw Failure(.superseded, "Run \(newestEpoch()) took over.")
    }

    /// `switchIntended`
    package static func word(_ event: RunEvent) -> String {
        String("\(event)".prefix { $0 != "(" })
    }
}
