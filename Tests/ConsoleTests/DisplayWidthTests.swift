import Testing

@testable import Console

struct DisplayWidthTests {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("ä", 1), ("e\u{301}", 1), ("\u{301}", 0), ("部署", 4), ("한", 2),
        ("ＡＢ", 4), ("🚀", 2), ("✔", 1), ("✔\u{fe0f}", 2), ("🇩🇪", 2), ("👍🏽", 2), ("▁▇", 2),
        ("─", 1), ("…", 1),
    ])
    func `text is as wide as a terminal draws it`(text: String, columns: Int) {
        #expect(text.columns == columns)
    }

    @Test(arguments: [
        (0, ""), (1, "…"), (2, "a…"), (3, "a…"), (4, "a部…"), (5, "a部b…"), (6, "a部bcd"),
    ])
    func `a text is cut between characters`(limit: Int, shown: String) {
        let text: Text = "a\("部", .bold)b\("cd", .dim)"
        #expect(text.cut(toColumns: limit).rendered(inColor: false) == shown)
    }
}
