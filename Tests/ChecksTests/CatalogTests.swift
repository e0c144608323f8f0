import Contracts
import PipelineModel
import TestWorld
import Testing

@testable import Checks

@Suite struct CatalogTests {
    @Test func `the catalogues name what is built and what is not yet`() {
        let checks = CheckCatalog.descriptions
        #expect(checks.filter(\.isBuilt).map(\.kind) == ["http", "run", "transaction"])
        #expect(checks.filter { !$0.isBuilt }.map(\.kind) == ["cases"])
        let metrics = MetricCatalog.descriptions
        #expect(metrics.filter(\.isBuilt).map(\.kind) == ["http", "probe", "router", "run"])
        #expect(metrics.filter { !$0.isBuilt }.map(\.kind) == ["prometheus"])
    }

    @Test(arguments: ["cases", "prometheus", "htpp", ""])
    func `an unknown kind makes nothing`(kind: String) {
        let step: Written = ["http": "/", "json": "$"]
        #expect(CheckCatalog.make(kind, step.section(), world: .offLimits) == nil)
        #expect(MetricCatalog.make(kind, step.section(), world: .offLimits) == nil)
    }

    @Test(arguments: CheckCatalog.descriptions + MetricCatalog.descriptions)
    func `every summary is one sentence`(description: AdapterDescription) {
        let summaries = [description.summary] + description.companions.settings.map(\.summary)
        for summary in summaries { #expect(summary.hasSuffix(".") && !summary.contains("\n")) }
    }
}
