/// A place between two characters of a text; the column counts the bytes before it in its line.
struct TextPlace: Comparable {
    let line: Int
    let column: Int

    static func < (one: TextPlace, other: TextPlace) -> Bool {
        (one.line, one.column) < (other.line, other.column)
    }
}

/// A proxy's configuration with the lines that make it switchable, shown as a diff.
package struct ConfigurationChange: Sendable {
    let original: [String]
    /// Its last line has no line break.
    private let endsOpen: Bool
    /// By the index of the line that they stand before; the last ones after every line.
    private var additions: [Int: [Line]] = [:]
    /// By the index of the line that they are in; no two of them meet.
    private var edits: [Int: [Edit]] = [:]

    private struct Line {
        var text: String
        /// What a screen may show of it.
        var shown: String
    }

    private struct Edit {
        let columns: Range<Int>
        var text = ""
        /// The line ends before them, and goes on after them.
        var lines: [Line] = []
    }

    init(of text: String) {
        original = Self.lines(text)
        endsOpen = !text.isEmpty && text.utf8.last != 10
    }

    /// Cut at each line feed, also at one after a carriage return.
    static func lines(_ text: String) -> [String] {
        let lines = text.utf8.split(separator: 10, omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        return lines.last == "" ? lines.dropLast() : lines
    }

    /// `shown` makes of a line what a screen may show of it, where a part of it is the user's.
    mutating func insert(
        _ lines: [String], before index: Int, shown: (String) -> String = { $0 }
    ) {
        additions[index, default: []] += lines.map { Line(text: $0, shown: shown($0)) }
    }

    /// The same behind `place`; where its line goes on there, it is broken.
    mutating func insert(
        _ lines: [String], behind place: TextPlace, shown: (String) -> String = { $0 }
    ) {
        let rest = original[place.line].from(place.column).drop(while: \.isWhitespace)
        guard !rest.isEmpty, !rest.hasPrefix("#") else {
            return insert(lines, before: place.line + 1, shown: shown)
        }
        edits[place.line, default: []].append(
            Edit(
                columns: place.column..<place.column,
                lines: lines.map { Line(text: $0, shown: shown($0)) }))
    }

    /// `span` is within a line. It and `text` say where requests go, and are shown.
    mutating func replace(_ span: Range<TextPlace>, by text: String) {
        edits[span.lowerBound.line, default: []].append(
            Edit(columns: span.lowerBound.column..<span.upperBound.column, text: text))
    }

    /// What stands in `span`, with other words at some places of it.
    func excerpt(
        _ span: Range<TextPlace>, with words: [(place: Range<TextPlace>, text: String)] = []
    ) -> [String] {
        let first = span.lowerBound.line
        var lines = Array(original[first...span.upperBound.line])
        lines[lines.count - 1] = String(lines[lines.count - 1].upTo(span.upperBound.column))
        // From the last one on, so that the places of the others stay.
        for word in words.sorted(by: { $0.place.lowerBound > $1.place.lowerBound }) {
            let (from, to) = (word.place.lowerBound, word.place.upperBound)
            let rest = lines[to.line - first].from(to.column)
            let line = "\(lines[from.line - first].upTo(from.column))\(word.text)\(rest)"
            lines.replaceSubrange((from.line - first)...(to.line - first), with: [line])
        }
        lines[0] = String(lines[0].from(span.lowerBound.column))
        return lines
    }

    package var text: String {
        (0...original.count).flatMap(lines).map(\.text).joined(separator: "\n") + "\n"
    }

    private func lines(_ index: Int) -> [Line] {
        additions[index, default: []] + (index < original.count ? changed(index) : [])
    }

    /// An original line as it is now, in several where it is broken.
    private func changed(_ index: Int) -> [Line] {
        var lines: [Line] = []
        var line = Line(text: "", shown: "")
        for (untouched, edit) in pieces(index) {
            line.text += untouched
            line.shown += ShownLine.of(untouched)
            guard let edit else { continue }
            line.text += edit.text
            line.shown += edit.text
            guard !edit.lines.isEmpty else { continue }
            lines += [line] + edit.lines
            line = Line(text: "", shown: "")
        }
        return lines + [line]
    }

    /// An original line as it was: what is changed in it is shown.
    private func before(_ index: Int) -> Line {
        let line = original[index]
        var shown = ""
        for (untouched, edit) in pieces(index) {
            shown += ShownLine.of(untouched)
            guard let columns = edit?.columns else { continue }
            shown += String(line.from(columns.lowerBound).upTo(columns.count))
        }
        return Line(text: line, shown: shown)
    }

    /// What is left between the edits of a line, each with the edit after it.
    private func pieces(_ index: Int) -> [(untouched: String, edit: Edit?)] {
        let line = original[index]
        var pieces: [(String, Edit?)] = []
        var column = 0
        for edit in edits[index, default: []].sorted(by: {
            $0.columns.lowerBound < $1.columns.lowerBound
        }) {
            let untouched = line.from(column).upTo(edit.columns.lowerBound - column)
            pieces.append((String(untouched), edit))
            column = edit.columns.upperBound
        }
        return pieces + [(String(line.from(column)), nil)]
    }

    /// For `patch`, with three lines around each change.
    package func diff(of path: String) -> String {
        diff(of: path, \.text)
    }

    /// The same for a screen: what may be a secret in it is left out.
    package func shownDiff(of path: String) -> String {
        diff(of: path, \.shown)
    }

    private func diff(of path: String, _ said: (Line) -> String) -> String {
        var lines = ["--- \(path)", "+++ \(path)"]
        var shift = 0
        for hunk in hunks {
            let end = hunk.upperBound == original.count ? 1 : 0
            let body = (hunk.lowerBound..<hunk.upperBound + end).flatMap { marked($0, said) }
            let length = body.count { !$0.hasPrefix("-") && $0 != Self.noBreak }
            lines.append(
                "@@ -\(hunk.lowerBound + 1),\(hunk.count)"
                    + " +\(hunk.lowerBound + 1 + shift),\(length) @@")
            lines += body
            shift += length - hunk.count
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var hunks: [Range<Int>] {
        var hunks: [Range<Int>] = []
        for index in Set(additions.keys).union(edits.keys).sorted() {
            let hunk = max(0, index - 3)..<min(original.count, index + 4)
            if let last = hunks.last, hunk.lowerBound <= last.upperBound {
                hunks[hunks.count - 1] = last.lowerBound..<hunk.upperBound
            } else {
                hunks.append(hunk)
            }
        }
        return hunks
    }

    /// A line with what comes before it, each with its mark.
    private func marked(_ index: Int, _ said: (Line) -> String) -> [String] {
        let added = additions[index, default: []].map { "+" + said($0) }
        guard index < original.count else { return added }
        let isOpen = endsOpen && index == original.count - 1
        guard isOpen || edits[index] != nil else { return added + [" " + said(before(index))] }
        return added + ["-" + said(before(index))] + (isOpen ? [Self.noBreak] : [])
            + changed(index).map { "+" + said($0) }
    }

    /// What `patch` wants to read behind a last line that was not ended.
    private static let noBreak = #"\ No newline at end of file"#
}

extension StringProtocol {
    /// What stands before a column, which counts bytes.
    func upTo(_ column: Int) -> SubSequence {
        self[..<utf8.index(startIndex, offsetBy: column)]
    }

    func from(_ column: Int) -> SubSequence {
        self[utf8.index(startIndex, offsetBy: column)...]
    }
}
