import FoundationEssentials
import Testing
import TrafficRig

extension RealHAProxy {
    /// What programs read: no colour in a pipe, one JSON document per line.
    @Suite(.serialized)
    struct OutputTests {
        private static let verbs = [
            ["validate"], ["plan", "2.1.0"], ["deploy", "2.1.0"], ["status"], ["history"],
            ["check"], ["resume"], ["rollback"], ["rollback", "--to", "blue"], ["frobnicate"],
        ]

        private func play(_ more: [String], _ judge: ([String], FinishedProcess) throws -> Void)
            async throws
        {
            let pipeline = PipelineText(
                bake: PipelineText.bake("1s", interval: "200ms", minimum: 1))
            try await Scene.open(.map(), pipeline) { scene in
                for words in Self.verbs {
                    let done = try await scene.run(words + more, environment: ["NO_COLOR": nil])
                    #expect(!(done.output + done.errors).utf8.contains(0x1B), "\(words) \(done)")
                    #expect(!done.output.isEmpty || !done.errors.isEmpty, "\(words)")
                    try judge(words, done)
                }
            }
        }

        @Test func `text in a pipe holds no escape`() async throws {
            try await play([]) { _, _ in }
        }

        @Test func `JSON is all there is on stdout`() async throws {
            try await play(["-o", "json"]) { words, done in
                let text = done.output
                // One document over many lines, or a document per line.
                #expect(!text.isEmpty, "\(words)")
                guard !isJSON(text[...]) else { return }
                for line in text.split(separator: "\n") {
                    #expect(isJSON(line), "\(words): \(line)")
                }
            }
        }

        private func isJSON(_ text: Substring) -> Bool {
            struct Anything: Decodable {
                init(from decoder: any Decoder) throws {
                    _ = try decoder.container(keyedBy: Key.self)
                }

                struct Key: CodingKey {
                    let stringValue: String
                    let intValue: Int? = nil
                    init?(stringValue: String) { self.stringValue = stringValue }
                    init?(intValue: Int) { return nil }
                }
            }
            do {
                _ = try JSONDecoder().decode(Anything.self, from: Data(text.utf8))
                return true
            } catch {
                return false
            }
        }
    }
}
