import Contracts
import Subprocess
import Synchronization
import SystemPackage

/// The one thread on which Subprocess starts programs, and without which it waits for ever.
enum SpawnThread {
    private static let hasAnswered = Atomic(false)

    /// Whether it answers a question about nothing; the first time it may have to be started for that.
    ///
    /// What was not asked of it before this says yes is never begun behind anybody's back.
    static func answers(within patience: Duration) async -> Bool {
        guard !hasAnswered.load(ordering: .relaxed) else { return true }
        let (answers, answer) = AsyncStream.makeStream(
            of: Bool.self, bufferingPolicy: .bufferingOldest(1))
        Task {
            // What it answers, and be it an error, is of no interest.
            _ = try? await Executable.path("/").resolveExecutablePath(in: .custom([:]))
            answer.yield(true)
        }
        let timer = Task {
            await Time.live.sleep(patience)
            answer.yield(false)
        }
        defer { timer.cancel() }
        var isThere = answers.makeAsyncIterator()
        guard await isThere.next() == true else { return false }
        hasAnswered.store(true, ordering: .relaxed)
        return true
    }
}
