/// A proxy's configuration with the lines that make it switchable, shown as a diff.
package struct ConfigurationChange: Sendable {
    let original: [String]
    /// By the index of the line that they stand before; the last ones after every line.
    private var additions: [Int: [Addition]] = [:]
    private var replacements: [Int: String] = [:]

    private struct Addition {
        let text: String
        let shown: String
    }

    init(of original: [String]) {
        self.original = original
    }

    static func lines(_ text: String) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return lines.last == "" ? lines.dropLast() : lines
    }

    /// `shown` makes of a line what a screen may show of it, where a part of it is the user's.
    mutating func insert(
        _ lines: [String], before index: Int, shown: (String) -> String = { $0 }
    ) {
        additions[index, default: []] += lines.map { Addition(text: $0, shown: shown($0)) }
    }

    mutating func replace(_ index: Int, by line: String) {
        replacements[index] = line
    }

    /// As it is now.
    func line(_ index: Int) -> String { replacements[index] ?? original[index] }

    package var text: String {
        (0...original.count).flatMap(lines).joined(separator: "\n") + "\n"
    }

    private func lines(_ index: Int) -> [String] {
        let added = additions[index, default: []].map(\.text)
        guard index < original.count else { return added }
        return added + [line(index)]
    }

    /// For `patch`, with three lines around each change.
    package func diff(of path: String) -> String {
        diff(of: path, added: \.text) { $0 }
    }

    /// The same for a screen: what may be a secret in it is left out.
    package func shownDiff(of path: String) -> String {
        diff(of: path, added: \.shown, ShownLine.of)
    }

    private func diff(
        of path: String, added: (Addition) -> String, _ original: (String) -> String
    ) -> String {
        var lines = ["--- \(path)", "+++ \(path)"]
        var shift = 0
        for hunk in hunks {
            let end = hunk.upperBound == self.original.count ? 1 : 0
            let body = (hunk.lowerBound..<hunk.upperBound + end).flatMap {
                marked($0, added, original)
            }
            let length = body.count { !$0.hasPrefix("-") }
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
        for index in Set(additions.keys).union(replacements.keys).sorted() {
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
    private func marked(
        _ index: Int, _ added: (Addition) -> String, _ own: (String) -> String
    ) -> [String] {
        let added = additions[index, default: []].map { "+" + added($0) }
        guard index < original.count else { return added }
        let line = own(original[index])
        guard let replacement = replacements[index] else { return added + [" " + line] }
        return added + ["-" + line, "+" + own(replacement)]
    }
}
