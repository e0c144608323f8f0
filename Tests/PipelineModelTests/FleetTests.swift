import PipelineModel
import Testing

/// Several routers in one pipeline.
struct FleetTests {
    private static func text(_ fleet: String, routers: String = three) -> String {
        """
        apiVersion: bluegreen/v1
        service: shop
        colors:
          blue: {url: "http://127.0.0.1:8081"}
          green: {url: "http://127.0.0.1:8082"}
        switch: {prove: readBack}
        routers:
        \(routers)
        \(fleet)

        """
    }

    private static let three = """
          lb-1:
            haproxy: {socket: /run/lb-1.sock}
          lb-2:
            haproxy: {socket: /run/lb-2.sock}
          lb-3:
            exec: {write: [a], read: [b]}
        """

    @Test func `several routers arrive by name, in the order of the file`() throws {
        let pipeline = try Sample.read(Self.text(""))
        #expect(pipeline.routers.map(\.name) == ["lb-1", "lb-2", "lb-3"])
        #expect(pipeline.routers.map(\.kind) == ["haproxy", "haproxy", "exec"])
        #expect(pipeline.routers[1].section.text("socket") == "/run/lb-2.sock")
        #expect(pipeline.fleet == .all)
    }

    @Test func `a quorum is read`() throws {
        let pipeline = try Sample.read(Self.text("fleet: {require: {quorum: 2}}"))
        #expect(pipeline.fleet == .quorum(2))
        #expect(try Sample.read(Self.text("fleet: {require: all}")).fleet == .all)
    }

    @Test(arguments: [
        (
            "fleet: {require: {quorum: 1}}",
            "bluegreen.yaml:14:27: error: 'quorum' must be more than half of the routers, and not more"
                + " than all"
        ),
        (
            "fleet: {require: {quorum: 4}}",
            "bluegreen.yaml:14:27: error: 'quorum' must be more than half of the routers, and not more"
                + " than all"
        ),
        (
            "fleet: {require: most}",
            "bluegreen.yaml:14:18: error: 'require' must be all, not 'most'"
        ),
        (
            "router: {haproxy: {socket: /run/other.sock}}",
            "bluegreen.yaml:7:1: error: only one of 'router' and 'routers' can be used"
        ),
    ])
    func `a mistake about the fleet names its place`(fleet: String, mistake: String) {
        #expect(Sample.mistakes(in: Self.text(fleet)) == [mistake])
    }

    @Test(arguments: [
        ("  {}", "bluegreen.yaml:8:3: error: 'routers' names no router"),
        (
            "  lb-1: {haproxy: {socket: /a, prt: 1}}",
            "bluegreen.yaml:8:32: error: unknown key 'prt'"
        ),
        (
            "  lb-1: {haprxy: {socket: /a}}",
            "bluegreen.yaml:8:10: error: unknown key 'haprxy'"
        ),
        (
            "  a b: {haproxy: {socket: /a}}",
            "bluegreen.yaml:8:3: error: a router must have a name of letters, digits, '.', '_' and '-'"
        ),
        (
            "  a: {haproxy: {socket: /a}}\n  b: {haproxy: {socket: /a}}",
            "bluegreen.yaml:9:6: error: 'b' is the same router as 'a'"
        ),
    ])
    func `a mistake in one of the routers names its place`(routers: String, mistake: String) {
        #expect(Sample.mistakes(in: Self.text("", routers: routers)) == [mistake])
    }

    @Test func `one router alone has no fleet`() {
        #expect(
            Sample.mistakes(adding: "fleet: {require: all}\n") == [
                "bluegreen.yaml:9:8: error: 'fleet' is about several routers"
            ])
    }

    @Test func `a stage may replace one router by several`() throws {
        let stages =
            "stages:\n  eu:\n    routers:\n"
            + Self.three.replacing("  lb", with: "      lb")
            .replacing("    haproxy", with: "        haproxy").replacing(
                "    exec", with: "        exec")
        let pipeline = try Sample.read(Sample.minimal + stages, stage: "eu")
        #expect(pipeline.routers.map(\.name) == ["lb-1", "lb-2", "lb-3"])
    }

    @Test func `a rollback names the routers of a broken fleet that it cannot use`() {
        let text = Self.text("", routers: "  lb-1: {haproxy: {socket: /a}}\n  lb-2: {haprxy: {}}")
        let lenient = LenientPipeline(
            [(file: "bluegreen.yaml", bytes: Array(text.utf8))], stage: nil,
            vocabulary: Sample.vocabulary, constants: Constants())
        #expect(lenient.routers.map(\.name) == ["lb-1"])
        #expect(lenient.unclearRouters == ["lb-2"])
    }
}
