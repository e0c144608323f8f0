import Contracts
import PipelineModel
import Synchronization

/// Probes the public address from before a write until the switch is proven or the time is up.
final class ProofRun: Sendable {
    private static let parallel = 4

    private let prober: Prober
    private let tally: Mutex<ProofTally>
    private let deadline = Mutex<Duration?>(nil)
    private let ended: AsyncStream<Void>
    private let end: AsyncStream<Void>.Continuation

    init(_ prober: Prober, target: Color) {
        self.prober = prober
        tally = Mutex(ProofTally(target: target, consecutive: prober.entrance.consecutive))
        (ended, end) = AsyncStream.makeStream()
    }

    /// Probes until proven, late or cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.parallel { group.addTask { await self.probe() } }
        }
        end.finish()
    }

    func writeBegins() {
        tally.withLock { $0.writeBegins(at: prober.world.time.now()) }
    }

    /// From here on the proof has `within` to succeed.
    func writeEnded() {
        deadline.withLock { $0 = prober.world.time.now() + prober.entrance.within }
    }

    /// Waits for the end of the probing.
    func verdict() async -> (evidence: ProofEvidence, isProven: Bool) {
        for await _ in ended {}
        return tally.withLock { ($0.evidence(at: prober.world.time.now()), $0.provenAt != nil) }
    }

    private func probe() async {
        while !Task.isCancelled, !isOver {
            let answer = await prober.askPublic(timeout: .seconds(2))
            tally.withLock { $0.note(answer.kind, sent: answer.sent, ended: answer.ended) }
            // A failing address answers at once: do not turn the proof into a flood.
            if case .error = answer.kind { await prober.world.time.sleep(.milliseconds(10)) }
        }
    }

    private var isOver: Bool {
        if tally.withLock({ $0.provenAt != nil }) { return true }
        guard let limit = deadline.withLock({ $0 }) else { return false }
        return prober.world.time.now() >= limit
    }
}
