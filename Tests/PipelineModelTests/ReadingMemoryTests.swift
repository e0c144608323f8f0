import PipelineModel
import Testing

struct ReadingMemoryTests {
    private let memory: ReadingMemory? = ReadingMemory()
    private let file = (file: "bluegreen.yaml", bytes: Array(Sample.minimal.utf8))

    @Test func `the same texts are read once, and another split or kind of them anew`() {
        #expect(memory.value(of: [1, 2], [3]) { "first" } == "first")
        #expect(memory.value(of: [1, 2], [3]) { "again" } == "first")
        #expect(memory.value(of: [1], [2, 3]) { "other" } == "other")
        #expect(memory.value(of: [1, 2], [3]) { 7 } == 7)
    }

    @Test func `what gave nothing is asked again`() {
        #expect(memory.value(of: [1]) { String?.none } == nil)
        #expect(memory.value(of: [1]) { "now" } == "now")
    }

    @Test func `without a memory everything is read anew`() {
        let none: ReadingMemory? = nil
        #expect(none.value(of: [1]) { "first" } == "first")
        #expect(none.value(of: [1]) { "again" } == "again")
    }

    @Test func `a pipeline that is known is filled in anew`() {
        let text = Sample.minimal.replacing("/run/haproxy.sock", with: #""${env.SOCKET}""#)
        for socket in ["/run/one.sock", "/run/other.sock"] {
            let pipeline = PipelineReader.readable(
                [("bluegreen.yaml", Array(text.utf8))], stage: nil, vocabulary: Sample.vocabulary,
                constants: Constants(environment: { _ in socket }), report: Report(),
                readings: memory)
            #expect(pipeline?.routers.first?.section.text("socket") == socket)
        }
    }

    @Test func `mistakes are told each time`() {
        let wrong = (file: "bluegreen.yaml", bytes: Array((Sample.minimal + "colour: 1\n").utf8))
        for source in [wrong, file, wrong] {
            let report = Report()
            _ = PipelineReader.readable(
                [source], stage: nil, vocabulary: Sample.vocabulary, constants: Constants(),
                report: report, readings: memory)
            #expect(report.hasErrors == (source.bytes == wrong.bytes))
        }
    }

    @Test func `a stage is not taken for the pipeline without it`() {
        let text = Sample.minimal + "stages:\n  here:\n    service: other\n"
        for (stage, service) in [(nil, "shop"), ("here", "other"), (nil, "shop")] {
            let pipeline = PipelineReader.readable(
                [("bluegreen.yaml", Array(text.utf8))], stage: stage,
                vocabulary: Sample.vocabulary, constants: Constants(), report: Report(),
                readings: memory)
            #expect(pipeline?.service == service)
        }
    }
}
