import Synchronization

/// Shows what is under way: on a terminal one live line per item, redrawn in place; elsewhere a
/// line when something changes and otherwise one every ten seconds.
///
/// It has no clock: the caller passes the time since any fixed moment, which never goes back.
/// While there are live lines, everything else for the same terminal goes through `line`.
package final class Progress: Sendable {
    private struct Item {
        let name: String
        var headline: Text
        var detail: Text
        /// When a line about it was last printed; only where lines are not redrawn.
        var printed: Duration

        var text: Text { detail.isEmpty ? headline : headline + "  " + detail }
    }

    private struct State {
        var items: [Item] = []
        var now = Duration.zero
        var drawnLines = 0
    }

    static let heartbeat = Duration.seconds(10)
    private static let frames = Array("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")

    private let stream: TerminalStream
    private let state = Mutex(State())

    package init(on stream: TerminalStream) {
        self.stream = stream
    }

    /// Shows or updates the item called `name`, which is not shown itself. A new `headline` is a
    /// change that is worth a line of its own; `detail` may change all the time.
    package func update(_ name: String, _ headline: Text, detail: Text = "", at time: Duration) {
        state.withLock { state in
            let known = state.items.firstIndex { $0.name == name }
            let hasChanged = known.map { state.items[$0].headline != headline } ?? true
            let printed = hasChanged ? time : known.map { state.items[$0].printed } ?? time
            let item = Item(name: name, headline: headline, detail: detail, printed: printed)
            if let known { state.items[known] = item } else { state.items.append(item) }
            if hasChanged, !stream.allowsRedrawing { stream.print(item.text) }
            refresh(&state, at: time, onlyAbout: name)
        }
    }

    /// Lets spinners turn, and repeats what was not heard of for ten seconds.
    package func tick(at time: Duration) {
        state.withLock { refresh(&$0, at: time) }
    }

    /// Prints `text` for good, above the live lines.
    package func line(_ text: Text) {
        state.withLock { print(text, above: &$0) }
    }

    /// Ends the item called `name`; `text` takes its place for good.
    package func finish(_ name: String, _ text: Text) {
        state.withLock { state in
            state.items.removeAll { $0.name == name }
            print(text, above: &state)
        }
    }

    /// Takes all live lines away while `body` prints to the same terminal in another way.
    package func aside(_ body: () -> Void) {
        state.withLock { state in
            let items = state.items
            state.items = []
            redraw(&state)
            body()
            state.items = items
            redraw(&state)
        }
    }

    /// Takes the line of the item called `name` away, where there is one.
    package func remove(_ name: String) {
        state.withLock { state in
            guard let index = state.items.firstIndex(where: { $0.name == name }) else { return }
            state.items.remove(at: index)
            redraw(&state)
        }
    }

    /// Takes all live lines away and leaves the cursor where they began. Repeating is safe.
    package func close() {
        state.withLock { state in
            state.items = []
            redraw(&state)
        }
    }

    private func refresh(_ state: inout State, at time: Duration, onlyAbout name: String? = nil) {
        state.now = time
        guard !stream.allowsRedrawing else {
            // Somebody who reads late wants to see what is, not every picture of what was.
            return stream.isBehind ? () : redraw(&state)
        }
        for index in state.items.indices
        where (name == nil || state.items[index].name == name)
            && time - state.items[index].printed >= Self.heartbeat
        {
            state.items[index].printed = time
            stream.print(state.items[index].text)
        }
    }

    private func print(_ text: Text, above state: inout State) {
        redraw(&state, below: stream.rendered(text) + "\n")
    }

    /// One write, so that nothing flickers. The cursor always rests below the live lines.
    private func redraw(_ state: inout State, below printed: String = "") {
        let lines = liveLines(state)
        let erasing = state.drawnLines > 0 ? "\r\u{1b}[\(state.drawnLines)A\u{1b}[J" : ""
        let drawing = erasing + printed + lines.map { $0 + "\n" }.joined()
        guard !drawing.isEmpty, stream.write(drawing) else { return }
        state.drawnLines = lines.count
    }

    /// Cut so that they do not wrap and are not more than fit, else the cursor would not find
    /// their beginning again.
    private func liveLines(_ state: State) -> [String] {
        guard stream.allowsRedrawing, let size = stream.size() else { return [] }
        let frame = Int(state.now / .milliseconds(100)) % Self.frames.count
        return state.items.suffix(max(size.rows - 1, 1)).map { item in
            let line = Text(String(Self.frames[frame]), .dim) + " " + item.text
            return stream.cleaned(line).onOneLine.cut(toColumns: size.columns - 1)
                .rendered(inColor: stream.allowsColor)
        }
    }
}
