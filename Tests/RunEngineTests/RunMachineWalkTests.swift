import Contracts
import PipelineModel
import Testing

@testable import RunEngine

/// Every run that can happen keeps the promises of the product.
struct RunMachineWalkTests {
    @Test(arguments: [
        (RunPlan.Entry.deploying, 1_000_000), (.checking, 100_000), (.switching, 10_000),
        (.confirming, 4000), (.baking, 300), (.rollingBack, 500), (.retiring, 500), (.adopting, 2),
    ])
    func `every run keeps every promise`(_ entry: RunPlan.Entry, runsAtLeast: Int) {
        var runs = 0
        for walk in walks(entry) {
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

    private func walks(_ entry: RunPlan.Entry) -> [RunWalk] {
        RunPlan.shapes.filter { $0.entry == entry }.map(RunWalk.init)
    }
}
