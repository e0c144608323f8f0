import FoundationEssentials
import Testing
import TrafficRig

/// Every example is a pipeline that the program accepts.
struct ExampleTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "examples").path

    /// The folders that have a pipeline.
    private static let examples: [String] =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
        .filter { FileManager.default.fileExists(atPath: "\(folder)/\($0)/bluegreen.yaml") }

    @Test func `there are examples`() {
        #expect(Self.examples.contains("haproxy"))
    }

    @Test func `the quickstart is what init writes`() async throws {
        try await withTemporaryFolder { folder in
            let done = try await ChildProcess.run(
                [Products.bluegreen, "init", "--service", "shop"], directory: folder.path)
            #expect(done.status == 0, "\(done)")
            for name in ["bluegreen.yaml", "app.py"] {
                let example = try String(
                    contentsOfFile: "\(Self.folder)/quickstart/\(name)", encoding: .utf8)
                #expect(try folder.read(name) == example)
            }
        }
    }

    @Test(arguments: examples)
    func `its pipeline is valid`(example: String) async throws {
        let done = try await ChildProcess.run(
            [Products.bluegreen, "validate", "-f", "\(Self.folder)/\(example)/bluegreen.yaml"])
        #expect(done.status == 0, "\(done)")
    }
}
