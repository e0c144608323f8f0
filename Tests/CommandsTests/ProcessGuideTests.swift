import FoundationEssentials
import ShopRig
import Testing

/// What `docs/guides/process.md` tells people to paste.
@Suite struct ProcessGuideTests {
    /// The blocks of the guide in that language, in order.
    private static func blocks(_ language: String) throws -> [String] {
        let top = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let guide = try String(
            contentsOf: top.appending(path: "docs/guides/process.md"), encoding: .utf8)
        return guide.split(separator: "```\(language)\n").dropFirst()
            .compactMap { $0.split(separator: "```").first.map(String.init) }
    }

    @Test func `its pipelines are valid`() throws {
        let beginning = try #require(Shop.pipeline.split(separator: "deploy:\n").first)
        let blocks = try Self.blocks("yaml")
        #expect(blocks.count == 2)
        for block in blocks {
            let screen = Shop(pipeline: beginning + block).type("validate")
            #expect(screen.status == 0, "\(screen.error)")
        }
    }

    @Test func `it shows a unit that does what the step does, and restarts`() throws {
        let unit = try #require(try Self.blocks("ini").first)
        for line in [
            "[Service]", "EnvironmentFile=", "WorkingDirectory=", "ExecStart=", "Restart=",
            "TimeoutStopSec=", "[Install]",
        ] {
            #expect(unit.contains("\n\(line)"), "\(line)")
        }
    }
}
