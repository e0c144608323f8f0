import Contracts
import FoundationEssentials
import ShopRig
import TestWorld
import Testing

@testable import Commands

/// What every failure refers to is in the program itself.
@Suite struct ExplainTests {
    @Test func `the help of a failure led to a file that its reader does not have`() throws {
        let shop = Shop.running()
        shop.production.change { $0.isRouterUp = false }
        let screen = shop.type("rollback")
        #expect(screen.status == 21)
        let help = try #require(screen.error.firstMatch(of: /help: bluegreen explain (\S+)/))
        let explained = shop.type("explain", String(help.1))
        #expect(explained.status == 0, "\(explained)")
        #expect(explained.output.hasPrefix("\(help.1)\nWhy: "), "\(explained.output)")
    }

    @Test(arguments: Failure.Code.allCases)
    func `every failure is explained without marks of a web page`(code: Failure.Code) throws {
        let lines = try #require(ErrorPage.lines(about: code.rawValue))
        #expect(lines.first == code.rawValue)
        for word in ["Why: ", "Production: ", "Do: "] {
            #expect(lines.contains { $0.hasPrefix(word) }, "\(lines)")
        }
        #expect(lines.allSatisfy { !$0.contains("**") && !$0.contains("](") }, "\(lines)")
    }

    @Test func `the page is what the program says`() throws {
        let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: top.appending(path: "docs/errors.md"), encoding: .utf8)
        #expect(page == ErrorPage.text + "\n")
        #expect(Shop().type("explain").output == page)
    }

    @Test(arguments: [
        ("router-unreachabel", "did you mean 'router-unreachable'?"), ("x", "known: artifact-"),
    ])
    func `a code that there is not is answered with those that there are`(
        code: String, hint: String
    ) {
        let screen = Shop().type("explain", code)
        #expect(screen.status == 64)
        #expect(screen.error.contains(hint), "\(screen.error)")
    }
}
