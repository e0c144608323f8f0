import Contracts
import PipelineModel

extension RunPlan {
    /// Every shape of plan that differs in what the machine may do.
    static var shapes: [RunPlan] {
        var plans: [RunPlan] = []
        for entry in [Entry.deploying, .checking, .switching, .confirming, .baking] {
            for destination in destinations(of: entry) {
                plans += forward(entry, destination)
            }
        }
        plans += plans.filter { $0.entry == .baking }.map { plan in
            var judged = plan
            judged.openVerdict = BakeVerdict(.failed, why: "errors 12%", samples: 3)
            return judged
        }
        // Where a router would forget what it shows, the open intent is written again.
        plans += plans.filter { $0.entry == .confirming }.map { plan in
            var forgotten = plan
            forgotten.openToken = nil
            return forgotten
        }
        // A share first, and another one: nothing but the way to the switch differs.
        plans += plans.filter(\.mayShare).flatMap { plan in
            [[5], [5, 25]].map { shares in
                var sharing = plan
                sharing.canary = shares
                return sharing
            }
        }
        for isProven in [true, false] {
            for isLenient in [true, false] {
                plans.append(
                    RunPlan(
                        verb: .rollback, entry: .rollingBack, from: .green, to: .blue,
                        isProvenByProbes: isProven, isLenient: isLenient))
                plans.append(
                    RunPlan(
                        verb: .rollback, entry: .rollingBack, from: .green, to: .blue,
                        isProvenByProbes: isProven, isLenient: isLenient, isSplit: true))
            }
        }
        for isProven in [true, false] {
            plans.append(
                RunPlan(
                    verb: .resume, entry: .levelling, from: .green, to: .green,
                    isProvenByProbes: isProven, isIdleClaimed: isProven))
        }
        for steps in 0...2 {
            plans.append(
                RunPlan(
                    verb: .retire, entry: .retiring, from: .green, to: .green,
                    retireSteps: names("retire", steps), isProvenByProbes: false))
        }
        plans += plans.filter {
            $0.entry == .rollingBack || $0.entry == .baking || $0.entry == .switching
        }
        .map { plan in
            var closing = plan
            closing.closesTunnels = true
            return closing
        }
        plans.append(
            RunPlan(
                verb: .adopt, entry: .adopting, from: .blue, to: .blue, isProvenByProbes: false))
        return plans
    }

    private var mayShare: Bool {
        entry == .switching
            || entry == .deploying && destination == .switched && deploySteps.count < 2
                && checks.count < 2
    }

    private static func destinations(of entry: Entry) -> [Destination] {
        switch entry {
        case .deploying, .checking: [.ready, .switched, .committed]
        case .switching, .confirming: [.switched, .committed]
        case .baking: [.committed]
        case .rollingBack, .retiring, .adopting, .levelling: []
        }
    }

    private static func forward(_ entry: Entry, _ destination: Destination) -> [RunPlan] {
        var plans: [RunPlan] = []
        for steps in entry == .deploying ? 0...2 : 0...0 {
            for checks in entry == .deploying || entry == .checking ? 0...2 : 0...0 {
                for (hasBake, rollsBack) in bakes(of: entry, destination) {
                    for isProven in destination == .ready ? [true] : [true, false] {
                        plans.append(
                            RunPlan(
                                verb: .deploy, entry: entry, destination: destination,
                                from: .blue, to: .green, deploySteps: names("deploy", steps),
                                checks: names("check", checks), hasBake: hasBake,
                                isProvenByProbes: isProven, rollsBackAutomatically: rollsBack,
                                openToken: entry == .confirming ? Token(epoch: 40, round: 2) : nil))
                    }
                }
            }
        }
        return plans
    }

    private static func bakes(
        of entry: Entry, _ destination: Destination
    ) -> [(hasBake: Bool, rollsBack: Bool)] {
        guard destination == .committed else { return [(false, true)] }
        let baking = [(true, true), (true, false)]
        return entry == .baking ? baking : baking + [(false, true)]
    }

    private static func names(_ word: String, _ count: Int) -> [String] {
        (0..<count).map { "\(word) \($0)" }
    }
}
