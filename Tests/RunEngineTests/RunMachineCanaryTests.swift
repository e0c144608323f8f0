import Contracts
import PipelineModel
import Testing

@testable import RunEngine

/// The stories of a run that gives the new colour a share first.
struct RunMachineCanaryTests {
    @Test func `every share is written and watched before all of it moves`() {
        let story = tell(.passed)
        #expect(story.written == ["blue 5%", "blue 25%", "green"])
        #expect(story.outcome == Outcome(.succeeded, production: .proven(.green)))
    }

    @Test func `every share has a token of its own`() {
        let tokens = tell(.passed).tokens
        #expect(tokens == tokens.sorted() && Set(tokens).count == tokens.count)
        #expect(tokens.count == 3)
    }

    @Test(arguments: [BakeVerdict.Judgement.failed, .inconclusive])
    func `a share that does not pass is taken back and proven`(_ verdict: BakeVerdict.Judgement) {
        let story = tell(verdict)
        #expect(story.written == ["blue 5%", "blue"])
        #expect(story.proven == [.blue])
        #expect(story.outcome.ending == .undone)
        #expect(story.outcome.production == .proven(.blue))
        #expect(
            story.outcome.failure?.message.hasPrefix("The canary at 5% ") == true)
    }

    @Test func `a share that is not shown is taken back`() {
        let story = tell(.passed) { action in
            if case .confirm(let datum) = action, datum.idlePercent == 25 {
                return .contradicted(Self.trouble)
            }
            return nil
        }
        #expect(story.written == ["blue 5%", "blue 25%", "blue"])
        #expect(story.outcome.ending == .undone)
    }

    @Test func `a first share that was refused has moved nothing`() {
        let story = tell(.passed) { action in
            if case .write(.canary, _) = action { .failed(Self.trouble) } else { nil }
        }
        #expect(story.written == ["blue 5%"])
        #expect(story.proven == [.blue])
        #expect(story.outcome.ending == .undone)
    }

    @Test func `a switch that is refused after a share takes the share back`() {
        let story = tell(.passed) { action in
            if case .write(.switching, _) = action { .failed(Self.trouble) } else { nil }
        }
        #expect(story.written == ["blue 5%", "blue 25%", "green", "blue"])
        #expect(story.outcome.production == .proven(.blue))
    }

    @Test func `a run that is told to stop takes its share back first`() {
        let story = tell(.passed) { action in
            if case .watchShare(1) = action { .stopRequested(.signal(2)) } else { nil }
        }
        #expect(story.written == ["blue 5%", "blue 25%", "blue"])
        #expect(
            story.outcome == Outcome(.interrupted(.signal(2)), production: .proven(.blue)))
    }

    @Test func `a larger share is not given without a record`() {
        let story = tell(.passed) { action in
            if case .intend(.canary, let datum) = action, datum.idlePercent == 25 {
                return .stopRequested(.unrecorded(Self.trouble))
            }
            return nil
        }
        #expect(story.written == ["blue 5%", "blue"])
        #expect(story.outcome.production == .proven(.blue))
    }

    @Test func `a newer run is not written over`() {
        let story = tell(.passed) { action in
            if case .watchShare = action { .stopRequested(.superseded(by: 42)) } else { nil }
        }
        #expect(story.written == ["blue 5%"])
        #expect(story.outcome.production == .unknown)
    }

    // MARK: - Telling

    private static let trouble = Failure(.routerRefused, "The router refused the write.")

    private struct Story {
        var written: [String] = []
        var tokens: [Token] = []
        var proven: [Color] = []
        var outcome = Outcome(.unsettled, production: .unknown)
    }

    /// Shares end in `judgement`; what `answer` does not answer goes well.
    private func tell(
        _ judgement: BakeVerdict.Judgement, _ answer: (RunAction) -> RunEvent? = { _ in nil }
    ) -> Story {
        var plan = RunPlan.switching()
        plan.canary = [5, 25]
        var machine = RunMachine(plan: plan, epoch: 41)
        var story = Story()
        var action = machine.handle(.began(.example(plan)))
        while true {
            if case .finish(let outcome) = action {
                story.outcome = outcome
                return story
            }
            if case .write(_, let datum) = action {
                let share = datum.idlePercent.map { " \($0)%" } ?? ""
                story.written.append("\(datum.live)\(share)")
                story.tokens.append(datum.token)
            }
            if case .prove(let color) = action { story.proven.append(color) }
            action = machine.handle(answer(action) ?? well(action, judgement))
        }
    }

    private func well(_ action: RunAction, _ judgement: BakeVerdict.Judgement) -> RunEvent {
        switch action {
        case .confirm: return .confirmed([:])
        case .watchShare:
            return .canaryJudged(BakeVerdict(judgement, why: "errors 12%", samples: 3))
        case .prove:
            return .proved(
                ProofEvidence(probes: 20, errors: 0, firstNew: nil, lastOld: nil, elapsed: .zero))
        case _:
            guard let first = GhostFleet([GhostRouter(.blue)]).endings(of: action).first else {
                preconditionFailure("Every action but the last ends in an event.")
            }
            return first.event
        }
    }
}
