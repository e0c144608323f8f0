import PipelineModel
import Testing

struct OverlayTests {
    @Test func `a later file overrides key by key and keeps the rest`() throws {
        let pipeline = try Sample.read(
            Sample.minimal, "router: {haproxy: {key: web}}\nretire: {after: 2h}\n")
        let section = try #require(pipeline.routers.first?.section)
        #expect(section.text("socket") == "/run/haproxy.sock")
        #expect(section.text("key") == "web")
        #expect(pipeline.retire.after == .seconds(7200))
    }

    @Test func `a list is replaced, not joined`() throws {
        let pipeline = try Sample.read(
            Sample.minimal + "deploy: [{run: [a]}, {run: [b]}]\n", "deploy: [{run: [c]}]\n")
        #expect(pipeline.deploy.map(\.name) == ["run c"])
    }

    @Test func `another router takes the place of the one below`() throws {
        let pipeline = try Sample.read(
            Sample.minimal, "router: {exec: {write: [w, '${color}'], read: [r]}}\n")
        #expect(pipeline.routers.map(\.kind) == ["exec"])
    }

    @Test func `another place of identity takes the place of the one below`() throws {
        let pipeline = try Sample.read(
            Sample.minimal + "public: {url: 'http://h/', identity: {header: X, equals: e}}\n",
            "public: {identity: {json: $.color}}\n")
        #expect(pipeline.entrance?.identity.place == .json("$.color"))
    }

    @Test func `a word takes the place of a mapping`() throws {
        let text = Sample.minimal.replacing("prove: readBack", with: "prove: {consecutive: 3}")
        let pipeline = try Sample.read(text, "switch: {prove: readBack}\n")
        #expect(pipeline.switching.proof == .readBack)
    }

    @Test func `a mistake in a later file points into that file`() {
        let error = #expect(throws: InvalidPipeline.self) {
            try Sample.read(Sample.minimal, "retire:\n  after: 5\n")
        }
        #expect(error?.diagnostics.map(\.position.description) == ["over1.yaml:2:10"])
    }

    @Test func `a mistyped router below does not vanish`() {
        let error = #expect(throws: InvalidPipeline.self) {
            try Sample.read(Sample.minimal, "router: {haprxy: {}}\n")
        }
        #expect(error?.diagnostics.map(\.message) == ["unknown key 'haprxy'"])
    }

    static let staged =
        Sample.minimal + """
            stages:
              staging: {}
              production:
                retire: {after: 3h}
                colors: {blue: {url: 'https://blue.example.com'}}

            """

    @Test func `a stage is laid over the rest`() throws {
        let pipeline = try Sample.read(Self.staged, stage: "production")
        #expect(pipeline.stage == "production")
        #expect(pipeline.retire.after == .seconds(3 * 3600))
        #expect(pipeline.colors[.blue]?.url == "https://blue.example.com")
        #expect(pipeline.colors[.green]?.url == "http://127.0.0.1:8082")
    }

    @Test func `without a stage the file stands as it is`() throws {
        #expect(try Sample.read(Self.staged).retire.after == .seconds(3600))
    }

    @Test func `an unknown stage names the known ones`() {
        let error = #expect(throws: InvalidPipeline.self) {
            try Sample.read(Self.staged, stage: "qa")
        }
        #expect(error?.diagnostics.map(\.message) == ["there is no stage 'qa'"])
        #expect(error?.diagnostics.map(\.hint) == ["known: staging, production"])
    }

    @Test func `a stage where there are none says so`() {
        let error = #expect(throws: InvalidPipeline.self) {
            try Sample.read(Sample.minimal, stage: "qa")
        }
        #expect(error?.diagnostics.map(\.hint) == ["this pipeline has no stages"])
    }

    @Test func `mistakes in a stage show without choosing it, and once`() {
        let text = Self.staged + "  other:\n    retire: {after: 7}\n"
        #expect(Sample.diagnostics(in: text).count == 1)
        let error = #expect(throws: InvalidPipeline.self) {
            try Sample.read(text, stage: "other")
        }
        #expect(error?.diagnostics.count == 1)
    }
}
