import Contracts
import PipelineModel

/// How a share of the traffic goes to the new colour before all of it does, and comes back.
extension RunMachine {
    /// What is announced first where the plan says to switch.
    func opening(_ purpose: RunAction.Purpose) -> RunAction.Purpose {
        purpose == .switching && plan.canary != nil ? .canary : purpose
    }

    /// The share that is announced next.
    var nextShare: Int {
        if case .watchingShare(let index) = state { index + 1 } else { 0 }
    }

    func percent(_ index: Int) -> Int? {
        guard let shares = plan.canary, shares.indices.contains(index) else { return nil }
        return shares[index]
    }

    mutating func share(_ index: Int, after passage: Passage) -> RunAction {
        switch passage {
        case .intending: go(.sharing(index, .writing), .write(.canary, datum))
        case .writing: go(.sharing(index, .confirming), .confirm(datum))
        case .confirming, .proving, .completing: go(.watchingShare(index), .watchShare(index))
        }
    }

    /// Whatever is not a pass goes back: nothing is lost by that but time.
    mutating func judgeShare(_ index: Int, _ verdict: BakeVerdict) -> RunAction {
        guard verdict.judgement == .passed else {
            let share = percent(index).map { "\($0)%" } ?? "the share"
            let hasFailed = verdict.judgement == .failed
            let ending = hasFailed ? "failed" : "was inconclusive"
            blame(
                Failure(
                    .checkFailed, "The canary at \(share) \(ending): \(verdict.why).",
                    hint: hasFailed ? nil : verdict.remedy ?? unjudged(verdict)))
            return intend(.undo)
        }
        return intend(percent(index + 1) == nil ? .switching : .canary)
    }

    private func unjudged(_ verdict: BakeVerdict) -> String {
        guard verdict.samples > 0 else {
            return "Wait for traffic. Where users did come, the router's configuration may not read"
                + " the share: docs/guides/canary.md."
        }
        return "It was not judged: wait for traffic, lengthen the step in switch.canary,"
            + " or lower bake.minSamples."
    }

    /// A share of the traffic may be on the new colour, although nothing is switched.
    var isShared: Bool {
        switch state {
        case .sharing(let index, let passage): index > 0 || passage != .intending
        case .watchingShare: true
        case .switching(.intending): plan.canary != nil
        case .starting, .claiming, .deploying, .sealing, .checking, .passing, .preflighting,
            .switching, .undoing, .unsettling, .beginningBake, .baking, .askingWayBack,
            .rollingBack, .closingTunnels, .levelling, .retiring, .retiringStep, .closing, .ended:
            false
        }
    }
}
