import Testing

@testable import Console

struct TerminalPolicyTests {
    private func policy(
        _ environment: [String: String], noColor: Bool = false, noInput: Bool = false
    ) -> TerminalPolicy {
        TerminalPolicy(environment: environment, noColor: noColor, noInput: noInput)
    }

    @Test func `a terminal gets colour and a pipe does not`() {
        let policy = policy(["TERM": "xterm"])
        #expect(policy.allowsColor(isTerminal: true))
        #expect(!policy.allowsColor(isTerminal: false))
        #expect(policy.allowsRedrawing(isTerminal: true))
        #expect(!policy.allowsRedrawing(isTerminal: false))
    }

    @Test(arguments: [
        ["TERM": "xterm", "NO_COLOR": "1"], ["TERM": "xterm", "NO_COLOR": "0"],
        ["TERM": "dumb"], ["TERM": ""], [:],
        ["TERM": "dumb", "FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"],
    ])
    func `neither colour nor redrawing where escapes are not wanted`(environment: [String: String])
    {
        #expect(!policy(environment).allowsColor(isTerminal: true))
        #expect(!policy(environment).allowsRedrawing(isTerminal: true))
    }

    @Test func `an empty NO_COLOR asks for nothing`() {
        #expect(policy(["TERM": "xterm", "NO_COLOR": ""]).allowsColor(isTerminal: true))
    }

    @Test func `the flag --no-color wins`() {
        #expect(!policy(["TERM": "xterm"], noColor: true).allowsColor(isTerminal: true))
    }

    @Test func `prompts need a terminal to read from and one to ask on`() {
        let policy = policy([:])
        #expect(policy.allowsPrompts(inputIsTerminal: true, errorIsTerminal: true))
        #expect(!policy.allowsPrompts(inputIsTerminal: false, errorIsTerminal: true))
        #expect(!policy.allowsPrompts(inputIsTerminal: true, errorIsTerminal: false))
    }

    @Test func `the flag --no-input forbids prompts`() {
        let policy = policy([:], noInput: true)
        #expect(!policy.allowsPrompts(inputIsTerminal: true, errorIsTerminal: true))
    }

    @Test(arguments: [("true", false), ("1", false), ("", true), ("false", true), ("0", true)])
    func `CI implies no prompts and no redrawing`(value: String, isAllowed: Bool) {
        let policy = policy(["TERM": "xterm", "CI": value])
        #expect(
            policy.allowsPrompts(inputIsTerminal: true, errorIsTerminal: true) == isAllowed)
        #expect(policy.allowsRedrawing(isTerminal: true) == isAllowed)
        #expect(policy.allowsColor(isTerminal: true))
    }
}
