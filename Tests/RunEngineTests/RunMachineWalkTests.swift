import Contracts
import PipelineModel
import Testing

@testable import RunEngine

/// Every run that can happen keeps the promises of the product.
struct RunMachineWalkTests {
    @Test(arguments: [
        (RunPlan.Entry.deploying, 1_000_000), (.checking, 100_000), (.switching, 10_000),
        (.confirming, 4000), (.baking, 300), (.rollingBack, 500), (.retiring, 500), (.adopting, 2),
        (.levelling, 300),
    ])
    func `every run keeps every promise`(_ entry: RunPlan.Entry, runsAtLeast: Int) {
        var runs = 0
        for walk in walks(entry) {
            runs += walk.runs
            for promise in walk.broken { Issue.record("\(promise)") }
        }
        #expect(runs >= runsAtLeast)
    }

    /// Every combination of what each write can come to, and of what each reading of it can show.
    @Test(arguments: [
        (RunPlan.Entry.switching, 2, 1_000_000), (.confirming, 2, 1_000_000), (.baking, 2, 4000),
        (.rollingBack, 2, 8000), (.levelling, 2, 2000), (.retiring, 2, 1000),
        (.deploying, 2, 1_000_000), (.switching, 3, 1_000_000), (.rollingBack, 3, 30_000),
        (.levelling, 3, 7000),
    ])
    func `every run of a fleet keeps every promise`(
        _ entry: RunPlan.Entry, routers: Int, runsAtLeast: Int
    ) {
        var runs = 0
        for walk in walks(entry, routers: routers) {
            runs += walk.runs
            for promise in walk.broken { Issue.record("\(promise)") }
        }
        #expect(runs >= runsAtLeast)
    }

    @Test func `a deployment can end in every way that has a name`() {
        let endings = walks(.switching).reduce(into: Set()) { $0.formUnion($1.endings) }
        #expect(
            endings == [
                "succeeded", "stoppedAsAsked", "failedBeforeSwitch", "undone",
                "rolledBackAutomatically", "keptUnhealthy", "inconclusive", "interrupted",
                "rollbackImpossible", "unsettled",
            ])
    }

    private func walks(_ entry: RunPlan.Entry, routers: Int = 1) -> [RunWalk] {
        RunPlan.shapes.filter { plan in
            plan.entry == entry && (routers == 1 || plan.isBrief)
                && (routers < 3
                    || (!plan.hasBake && plan.isProvenByProbes && plan.canary == nil))
        }.map { RunWalk($0, routers: routers) }
    }
}

extension RunPlan {
    /// Steps and checks are the same however many routers there are.
    fileprivate var isBrief: Bool {
        deploySteps.isEmpty && checks.isEmpty && retireSteps.isEmpty
            && (entry != .deploying || !hasBake) && (canary?.count ?? 0) < 2
    }
}
