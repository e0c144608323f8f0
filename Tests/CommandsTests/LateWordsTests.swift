import ShopRig
import Testing

@testable import Commands

/// What runs look like once their time is over.
@Suite struct LateWordsTests {
    @Test func `a bake whose time is over says once what it waits for, in a pipe too`() {
        let shop = Shop.running()
        shop.write(
            "bluegreen.yaml",
            Shop.pipeline.replacing("for: 12s", with: "for: 12s\n  minSamples: 100000"))
        let screen = shop.type("deploy", "2.9")
        #expect(screen.status == 22)
        let lines = screen.error.split(separator: "\n").filter { $0.contains("waits for") }
        #expect(lines.count == 1, "\(screen.error)")
        #expect(lines.first?.contains("bake waits for 100000 requests, ") == true)
        #expect(lines.first?.hasSuffix(" so far, 24 s in all at most") == true)
    }

    @Test func `history says where older runs are, and only where there are some`() {
        let shop = Shop.running()
        let last = shop.type("history", "--limit", "1", "-q").output.filter { !$0.isWhitespace }
        let short = shop.type("history", "--limit", "1").output
        #expect(short.hasSuffix("\nolder runs: 'bluegreen history --before \(last)'\n"), "\(short)")
        #expect(!shop.type("history", "--limit", "2").output.contains("older"))
        let json = shop.type("history", "--limit", "1", "-o", "json").output
        #expect(json.contains("\"hasOlder\" : true"))
    }
}
