/// One way out to a person or a pipe, on which only clean text can be printed.
///
/// Everything printed passes here: secrets are hidden, outside control characters made visible,
/// and styles become escape sequences only where the reader is a terminal that wants them.
package struct TerminalStream: Sendable {
    /// What became of the reader.
    package enum Condition: Sendable, Equatable {
        case open
        /// The reader went away, as `head` does. Nothing more is written; that is no mistake.
        case closed
        /// Nothing more can be written, because of `reason`; the reader misses something.
        case failed(reason: String)
    }

    package struct Size: Sendable, Equatable {
        package let columns: Int
        package let rows: Int
    }

    package let isTerminal: Bool
    package let allowsColor: Bool
    /// Whether lines may be drawn over, for spinners and the like.
    package let allowsRedrawing: Bool
    let sanitizer: Sanitizer
    var currentMasker: @Sendable () -> Masker = { .none }
    var masker: Masker { currentMasker() }
    /// The size of the terminal now; nil if it is none.
    let size: @Sendable () -> Size?
    let send: @Sendable (String) -> Bool
    let sendNow: @Sendable (String) -> Void
    let readIsBehind: @Sendable () -> Bool
    let readCondition: @Sendable () -> Condition
    let finish: @Sendable () async -> Void

    package var condition: Condition { readCondition() }
    /// What is shown now will be seen late.
    var isBehind: Bool { readIsBehind() }
    /// How wide the terminal is now; nil if it is none.
    package var columns: Int? { size()?.columns }

    /// Waits until everything printed is written, or the task is cancelled. A reader of stderr that
    /// has stopped reading ends the wait after a while; of stdout `condition` tells what is missing.
    package func drain() async { await finish() }

    /// Sends `text` on its way, all of it or nothing, without waiting for the reader. False where
    /// nothing was sent: nobody reads.
    @discardableResult
    func write(_ text: String) -> Bool { send(text) }

    /// Prints `text` and ends the line.
    package func print(_ text: Text) {
        write(rendered(text) + "\n")
    }

    /// Prints `table`; on a terminal its lines fit.
    package func print(_ table: Table) {
        print(table.laidOut(columns: size()?.columns, cleanedBy: cleaned))
    }

    /// Prints a JSON document or a line of JSON, which must be complete, and ends the line.
    package func print(json: String) {
        write(sanitizer.escaped(json: masker.masked(json)) + "\n")
    }

    /// Prints lines of JSON, each with its line feed, and returns when the reader has them: it blocks the
    /// thread. For a log that has no end, beside which nothing else is printed here.
    package func printNow(json: String) {
        sendNow(sanitizer.escaped(json: masker.masked(json)))
    }

    /// On a terminal no line is broken in the middle of a word.
    func rendered(_ text: Text) -> String {
        let clean = cleaned(text)
        let fitting = columns.map { clean.wrapped(toColumns: $0) } ?? clean
        return sanitizer.defused(fitting.rendered(inColor: allowsColor))
    }

    /// Without secrets and control characters. Must come before anything is measured or cut,
    /// because a secret that was cut is no longer recognised.
    func cleaned(_ text: Text) -> Text {
        Text(
            spans: text.spans.map { span in
                let content = sanitizer.escaped(
                    masker.masked(span.content), keepingLines: !span.staysOnItsLine)
                return Text.Span(content: content, style: span.style, staysOnItsLine: false)
            })
    }
}
