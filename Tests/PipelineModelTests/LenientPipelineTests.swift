import PipelineModel
import Testing

struct LenientPipelineTests {
    private func read(_ texts: String..., stage: String? = nil) -> LenientPipeline {
        let sources = texts.map { (file: "bluegreen.yaml", bytes: Array($0.utf8)) }
        return LenientPipeline(
            sources, stage: stage, vocabulary: Sample.vocabulary, constants: Constants())
    }

    @Test func `mistakes elsewhere do not stand in the way`() {
        let lenient = read(
            Sample.minimal + "deploy: nonsense\nnix: 1\nbake: {for: never}\ngate: {}\n")
        #expect(lenient.service == "shop")
        #expect(lenient.routers.map(\.kind) == ["haproxy"])
        #expect(lenient.colors[.blue]?.url == "http://127.0.0.1:8081")
        #expect(lenient.entrance == nil)
    }

    @Test func `a broken public is left out`() {
        let lenient = read(Sample.minimal + "public: {url: nonsense, identity: {body: x}}\n")
        #expect(lenient.entrance == nil)
        #expect(lenient.routers.count == 1)
        #expect(lenient.report.hasErrors)
    }

    @Test func `a router that is not clear is not guessed`() {
        let two = Sample.minimal.replacing("router:\n", with: "router:\n  exec: {}\n")
        #expect(read(two).routers.isEmpty)
        #expect(read("router: {nginx: {}}\n").routers.isEmpty)
        #expect(read("router: 5\n").routers.isEmpty)
        #expect(read("[]\n").routers.isEmpty)
    }

    @Test func `an unknown stage leaves the router empty`() {
        #expect(read(OverlayTests.staged, stage: "qa").routers.isEmpty)
    }

    @Test func `one unreadable file leaves the router empty`() {
        #expect(read(Sample.minimal, "router: [\n").routers.isEmpty)
    }

    @Test func `a service that is no name is not used`() {
        #expect(read(Sample.minimal.replacing("shop", with: "../../etc")).service == nil)
    }
}
