import Testing

@testable import PipelineModel

@Suite struct CanaryTests {
    private static let bake = """
        bake: {for: 10m, interval: 1s, minSamples: 1000, metrics: [{router: errorRate, pass: '< 1%'}]}

        """

    /// With this beside `prove` under `switch`.
    private static func text(_ setting: String, bake: String = bake) -> String {
        Sample.minimal.replacing("readBack}", with: "readBack, \(setting)}") + bake
    }

    private static func messages(_ setting: String, bake: String = bake) -> [String] {
        Sample.diagnostics(in: text(setting, bake: bake)).map(\.message)
    }

    @Test(arguments: [("5", "write `5%`"), ("99.5", "write `99.5%`"), ("five", nil)])
    func `a share without its sign is answered with the right spelling`(
        text: String, hint: String?
    ) {
        let mistake = ScalarCheck.mistake(
            in: text, isQuoted: false, as: .percent, named: "'weight'")
        #expect(mistake != nil)
        #expect(mistake?.hint == hint)
    }

    @Test func `steps are read in their order`() throws {
        let pipeline = try Sample.read(
            Self.text("canary: [{weight: 5%, for: 2m}, {weight: 25%, for: 5m}]"))
        #expect(pipeline.switching.canary.map(\.percent) == [5, 25])
        #expect(pipeline.switching.canary.map(\.duration) == [.seconds(120), .seconds(300)])
    }

    @Test(arguments: ["0%", "100%", "2.5%", "200%"])
    func `a weight is a whole share that leaves something to switch`(_ weight: String) {
        let found = Self.messages("canary: [{weight: \(weight), for: 2m}]")
        #expect(found == ["'weight' is not a whole share of 1% to 99%"])
    }

    @Test(arguments: ["5%", "3%"])
    func `a share grows`(_ next: String) {
        let found = Self.messages(
            "canary: [{weight: 5%, for: 2m}, {weight: \(next), for: 2m}]")
        #expect(found == ["the share does not grow: 5%, then \(next)"])
    }

    @Test func `a canary without metrics is refused`() {
        let found = Self.messages("canary: [{weight: 5%, for: 2m}]", bake: "")
        #expect(found.count == 1 && found[0].contains("watched by the metrics of 'bake'"))
    }

    @Test func `a step that ends before its metrics can fail is refused`() {
        let found = Self.messages("canary: [{weight: 5%, for: 2s}]")
        #expect(found == ["the step ends before its metrics can fail"])
    }

    @Test func `a run has rounds for ten steps`() {
        let steps = (1...11).map { "{weight: \($0)%, for: 2m}" }.joined(separator: ", ")
        #expect(
            Self.messages("canary: [\(steps)]")
                == ["a canary has at most 10 steps"])
    }

    @Test func `the samples that a step needs are its share of those of the bake`() {
        let bake = BakeSettings(duration: .seconds(600), minimumSamples: 1000)
        let start = Position(file: "bluegreen.yaml", line: 1, column: 1)
        let step = CanaryStep(percent: 5, for: .seconds(120), at: start)
        #expect(step.watch(bake).minimumSamples == 10)
        #expect(step.watch(bake).duration == .seconds(120))
        let any = BakeSettings(duration: .seconds(600))
        #expect(step.watch(any).minimumSamples == 1)
    }

    @Test func `a step a million times as long as the bake needs no more than a bake may`() {
        let bake = BakeSettings(duration: .milliseconds(3), minimumSamples: 1_000_000_000)
        let start = Position(file: "bluegreen.yaml", line: 1, column: 1)
        let step = CanaryStep(percent: 99, for: .seconds(365 * 86_400), at: start)
        #expect(step.watch(bake).minimumSamples == 1_000_000_000)
    }

    @Test(arguments: [("header: X-Canary", Preview.Place.header), ("cookie: beta", .cookie)])
    func `testers are known by a header or a cookie`(
        _ line: String, _ place: Preview.Place
    ) throws {
        let pipeline = try Sample.read(Self.text("preview: {\(line), equals: \"1\"}", bake: ""))
        #expect(pipeline.switching.preview?.place == place)
        #expect(pipeline.switching.preview?.value == "1")
    }

    @Test(arguments: ["header: 'X Canary', equals: '1'", "header: X-Canary, equals: 'a b'"])
    func `what no request can say is refused`(_ preview: String) {
        #expect(Self.messages("preview: {\(preview)}", bake: "").count == 1)
    }
}
