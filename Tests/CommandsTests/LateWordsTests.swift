import Testing

@testable import Commands

@Suite struct HistoryViewTests {
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
