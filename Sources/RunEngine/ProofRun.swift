import Contracts
import PipelineModel
import Synchronization

/// Probes the public address from before a write until the switch is proven or the time is up.
final class ProofRun: Sendable {
    private static let parallel = 4

    private struct State: Sendable {
        var tally: ProofTally
        var isOver = false
        var sent = 0
        var ended = 0
    }

    private let prober: Prober
    private let state: Mutex<State>
    private let ended: AsyncStream<Void>
    private let ending: AsyncStream<Void>.Continuation

    init(_ prober: Prober, target: Color) {
        self.prober = prober
        let tally = ProofTally(target: target, consecutive: prober.entrance.consecutive)
        state = Mutex(State(tally: tally))
        (ended, ending) = AsyncStream.makeStream()
    }

    /// Probes until proven, ended or cancelled. An answer that comes later than that is not waited for.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.parallel { group.addTask { await self.probe() } }
            await group.next()
            end()
            group.cancelAll()
        }
    }

    func writeBegins() {
        state.withLock { $0.tally.writeBegins(at: prober.world.time.now()) }
    }

    func end() {
        state.withLock { $0.isOver = true }
        ending.finish()
    }

    /// Waits for the proof, from now on as long as the pipeline allows. To be asked once.
    func verdict() async -> (evidence: ProofEvidence, isProven: Bool) {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in self.ended {} }
            group.addTask { await self.prober.world.time.sleep(self.prober.entrance.within) }
            await group.next()
            group.cancelAll()
        }
        end()
        let tally = state.withLock { $0.tally }
        return (tally.evidence(at: prober.world.time.now()), tally.provenAt != nil)
    }

    /// Our own requests that each colour may have answered so far: one that nobody waits for any more
    /// counts for both.
    var answered: [Color: Int] {
        state.withLock { state in
            Dictionary(
                uniqueKeysWithValues: Color.allCases.map {
                    ($0, (state.tally.answered[$0] ?? 0) + state.sent - state.ended)
                })
        }
    }

    /// Of the answers that came, those of each colour.
    var shown: [Color: Int] { state.withLock { $0.tally.answered } }

    /// Whether `answered` is all that a router may have counted of them.
    var isAccounted: Bool { state.withLock { $0.tally.isAccounted } }

    private func probe() async {
        var misses = 0
        while !Task.isCancelled, !isOver {
            state.withLock { $0.sent += 1 }
            let answer = await prober.askPublic(timeout: .seconds(2))
            guard note(answer) else {
                misses += 1
                // Ever slower, so that a proof that does not come is no flood of requests.
                await prober.world.time.sleep(.milliseconds(min(20, 1 + misses / 10)))
                continue
            }
        }
    }

    /// Whether the answer counted towards the proof.
    private func note(_ answer: Prober.Answer) -> Bool {
        state.withLock { state in
            state.ended += 1
            state.tally.note(answer.kind, sent: answer.sent, ended: answer.ended)
            return state.isOver || state.tally.inARow > 0
        }
    }

    private var isOver: Bool {
        state.withLock { $0.isOver || $0.tally.provenAt != nil }
    }
}
