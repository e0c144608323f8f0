import Contracts
import PipelineModel
import Testing

@testable import Routers

@Suite struct SlotTextTests {
    private static let token = Token(number: 77)

    @Test(arguments: [
        ("blue:green:0:77\n", KeptDatum(.color(.blue), token: token)),
        ("blue:-:0:77\n", KeptDatum(.color(.blue), isIdleClaimed: true, token: token)),
        ("green:blue:0:99\nblue:green:0:77\n", KeptDatum(.color(.blue), token: token)),
        ("blue:-:0:77\ngreen:blue:0:99", .init(.color(.blue), isIdleClaimed: true, token: token)),
        ("", KeptDatum(.color(.blue))),
        ("\n\n", KeptDatum(.color(.blue))),
        ("blue", KeptDatum(.color(.blue))),
    ])
    func `the line of the file's name counts`(text: String, kept: KeptDatum) {
        #expect(SlotText.kept(text, under: .blue) == kept)
    }

    @Test func `a rename by hand moves traffic and keeps the fence`() {
        #expect(
            SlotText.kept("green:-:0:77\n", under: .blue)
                == KeptDatum(.color(.blue), token: Self.token))
    }

    @Test(arguments: [
        "red", "blue:green:5:77", "blue:green:0:77 ", "blue:green:0:77\nred", "blue\nblue",
        "blue:green:0:77\nblue:green:0:78", "blue:green:0:77\ngreen:blue:0:78\nblue",
        "blue:green:0:99999999999999", "\u{1B}[31mblue",
    ])
    func `any other text is foreign`(text: String) {
        guard case .foreign(let shown) = SlotText.kept(text, under: .blue).sighting else {
            Issue.record("'\(text)' was understood")
            return
        }
        #expect(shown.hasPrefix("blue holding '"))
        #expect(!shown.contains("\u{1B}"))
    }

    @Test func `what is written is read under both names`() {
        let before = Datum(live: .blue, isIdleClaimed: true, token: Token(number: 5))
        let after = Datum(live: .green, token: Token(number: 6))
        let text = SlotText.text(before, after)
        #expect(text == "blue:-:0:5\ngreen:blue:0:6\n")
        #expect(
            SlotText.kept(text, under: .blue)
                == KeptDatum(.color(.blue), isIdleClaimed: true, token: before.token))
        #expect(SlotText.kept(text, under: .green) == KeptDatum(.color(.green), token: after.token))
    }
}
