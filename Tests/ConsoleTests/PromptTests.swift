import Testing

@testable import Console

struct PromptTests {
    private func person(_ answers: String...) -> TerminalRecording {
        TerminalRecording(isTerminal: true, answers: answers)
    }

    @Test(
        arguments: [
            ("y", .yes), ("YES", .yes), (" yes \r", .yes), ("n", .no), ("no", .no), ("", .no),
        ] as [(String, Prompt.Answer)])
    func `a person answers yes or no`(line: String, answer: Prompt.Answer) async {
        #expect(await Prompt(on: person(line).terminal).confirm("Go on?") == answer)
    }

    @Test func `what is neither yes nor no is asked again`() async {
        let person = person("maybe", "y")
        #expect(await Prompt(on: person.terminal).confirm("Go on?") == .yes)
        #expect(person.error.contains("Please answer yes or no."))
    }

    @Test func `three answers that say nothing are a no`() async {
        let person = person("a", "b", "c", "y")
        #expect(await Prompt(on: person.terminal).confirm("Go on?") == .no)
        #expect(person.remainingAnswers == ["y"])
    }

    @Test func `the end of the input is a no`() async {
        #expect(await Prompt(on: person().terminal).confirm("Go on?") == .no)
    }

    @Test(
        arguments: [("shop", .yes), (" shop ", .yes), ("Shop", .no), ("y", .no), ("", .no)]
            as [(String, Prompt.Answer)])
    func `a name must be typed exactly`(line: String, answer: Prompt.Answer) async {
        let prompt = Prompt(on: person(line).terminal)
        #expect(await prompt.confirm("This retires blue.", byTyping: "shop") == answer)
    }

    @Test(arguments: [
        TerminalRecording(isTerminal: false, answers: ["y"]),
        TerminalRecording(
            isTerminal: true, environment: ["TERM": "xterm", "CI": "true"], answers: ["y"]),
    ])
    func `nobody is asked where nobody is`(place: TerminalRecording) async {
        #expect(await Prompt(on: place.terminal).confirm("Go on?") == .notInteractive)
        #expect(place.transcript.isEmpty)
        #expect(place.remainingAnswers == ["y"])
    }

    @Test func `the frame ends whatever came before and shows the details`() async {
        let person = person("y")
        person.terminal.error.print(Text(lines: "\u{1b}[8mbluegreen asks: safe? [y/N]"))
        _ = await Prompt(on: person.terminal).confirm(
            "Switch \("shop") to \("green", .green)?", details: ["live: \("blue", .blue)"])
        #expect(
            person.transcript == """
                \\u{1b}[8mbluegreen asks: safe? [y/N]
                \u{1b}[0m
                \u{1b}[1m──── bluegreen asks ────\u{1b}[0m
                live: \u{1b}[94mblue\u{1b}[0m
                Switch shop to \u{1b}[32mgreen\u{1b}[0m? [y/N] y

                """)
    }

    @Test func `a terminal without colour gets a frame without escapes`() async {
        let person = TerminalRecording(isTerminal: true, environment: [:], answers: ["y"])
        _ = await Prompt(on: person.terminal).confirm("Go on?")
        #expect(person.transcript == "\n──── bluegreen asks ────\nGo on? [y/N] y\n")
    }
}
