import Testing

@testable import Console

struct TableTests {
    private func printed(
        _ rows: [[Text]], isTerminal: Bool = false, columns: Int = 80,
        environment: [String: String] = ["TERM": "xterm"]
    ) -> String {
        let recording = TerminalRecording(
            isTerminal: isTerminal, environment: environment, columns: columns)
        var table = Table(["RUN", "COLOUR", "REASON"], whenEmpty: "no runs yet")
        rows.forEach { table.add($0) }
        recording.terminal.output.print(table)
        return recording.output
    }

    @Test func `columns align under their headers`() {
        #expect(
            printed([["7", "green", "fix login"], ["12", "blue", "x"]]) == """
                RUN  COLOUR  REASON
                7    green   fix login
                12   blue    x

                """)
    }

    @Test func `an empty table has its own text`() {
        #expect(printed([]) == "no runs yet\n")
    }

    @Test func `an empty cell keeps its column`() {
        #expect(
            printed([["", "", "x"], ["1", "", ""]]) == """
                RUN  COLOUR  REASON
                             x
                1

                """)
    }

    @Test func `styles do not move columns`() {
        let plain = printed([["7", "green", "x"]])
        let styled = printed([["7", "\("green", .green)", "\("x", .good)"]], isTerminal: true)
        #expect(styled.contains("7    \u{1b}[32mgreen\u{1b}[0m   \u{1b}[92mx\u{1b}[0m\n"))
        #expect(styled.replacing(/\e\[[0-9;]*m/, with: "") == plain)
    }

    @Test func `wide characters and emoji align`() {
        #expect(
            printed([["部署", "🚀", "a"], ["e\u{301}", "x🚀y", "b"]]) == """
                RUN   COLOUR  REASON
                部署  🚀      a
                e\u{301}     x🚀y    b

                """)
    }

    @Test func `cells from outside cannot break the table`() {
        #expect(
            printed([["\("1\n2")", "\("\u{1b}[31m")", "a\tb"]]) == """
                RUN   COLOUR      REASON
                1\\n2  \\u{1b}[31m  a b

                """)
    }

    @Test func `blanks at the beginning of a cell stay`() {
        #expect(printed([["  1", "x", "y"]]).contains("  1  x       y\n"))
    }

    @Test func `on a terminal the last column is cut to fit`() {
        let lines = printed(
            [["7", "green", "a reason that is far too long to fit"]], isTerminal: true, columns: 33,
            environment: [:])
        #expect(lines.contains("7    green   a reason that is fa…\n"))
    }

    @Test func `in a pipe nothing is cut`() {
        let reason = String(repeating: "long ", count: 50) + "end"
        #expect(printed([["7", "green", "\(reason)"]], columns: 30).contains(reason))
    }

    @Test func `what does not fit goes on below`() {
        let rows: [[Text]] = [["7", "green", "a reason that is long"], ["12", "blue", "short"]]
        #expect(
            printed(rows, isTerminal: true, columns: 24, environment: [:]) == """
                RUN  COLOUR
                    REASON
                7    green
                    a reason that is lo…
                12   blue
                    short

                """)
    }

    private func narrow(_ columns: Int, isTerminal: Bool = true) -> String {
        let recording = TerminalRecording(
            isTerminal: isTerminal, environment: [:], columns: columns)
        var table = Table(
            ["RUN", "BY", "COLOUR", "REASON"], sparing: ["BY", "RUN"], whenEmpty: "no runs yet")
        table.add(["7", "ana maria", "green", "a reason that is long"])
        recording.terminal.output.print(table)
        return recording.output
    }

    @Test func `a spare column that fits again once a wider one is gone comes back`() {
        var table = Table(
            ["RUN", "BY", "BEGAN", "REASON"], sparing: ["BY", "BEGAN"], whenEmpty: "no runs yet")
        table.add(["r-1", "ana", "2026-11-19 11:17:10Z", "failed"])
        let text = table.laidOut(columns: 20) { $0 }.rendered(inColor: false)
        #expect(
            text == """
                RUN  BY   REASON
                r-1  ana  failed
                no room for: BEGAN
                """)
    }

    @Test(arguments: [
        (60, "RUN  BY         COLOUR  REASON\n7    ana maria  green   a reason that is long\n"),
        (35, "RUN  COLOUR  REASON\n7    green   a reason that is long\nno room for: BY\n"),
        (29, "COLOUR  REASON\ngreen   a reason that is long\nno room for: RUN, BY\n"),
        (24, "COLOUR\n    REASON\ngreen\n    a reason that is lo…\nno room for: RUN, BY\n"),
    ])
    func `spare columns give way, one after the other`(columns: Int, text: String) {
        #expect(narrow(columns) == text)
    }

    @Test func `in a pipe no column gives way`() {
        #expect(narrow(10, isTerminal: false).contains("ana maria"))
    }

    @Test func `a secret that would be cut is hidden first`() {
        let recording = TerminalRecording(isTerminal: true, environment: [:], columns: 12)
        var table = Table(["KEY"], whenEmpty: "none")
        table.add(["key=hunter2-hunter2"])
        recording.terminal.hiding(Masker(secrets: ["hunter2-hunter2"])).output.print(table)
        #expect(recording.output == "KEY\nkey=***\n")
    }
}
