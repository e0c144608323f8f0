/// What somebody who mistyped a word may have meant.
package enum Suggestion {
    /// The known word that is at most a third of the letters away, capitals aside; `nil` where none is.
    package static func nearest(to word: String, among known: [String]) -> String? {
        guard word.utf8.count <= 64 else { return nil }
        let lowered = word.lowercased()
        let distances = known.map { ($0, distance(lowered, $0.lowercased())) }
        guard let best = distances.min(by: { $0.1 < $1.1 }) else { return nil }
        return best.1 <= max(1, word.count / 3) ? best.0 : nil
    }

    /// The known word that differs by one letter at most, where both are long enough to tell.
    static func slip(of word: String, among known: [String]) -> String? {
        guard let nearest = nearest(to: word, among: known), word.count >= 4,
            distance(word.lowercased(), nearest.lowercased()) <= 1
        else { return nil }
        return nearest
    }

    /// `did you mean 'x'?`, or else the whole list.
    package static func hint(for word: String, among known: [String]) -> String? {
        if let nearest = nearest(to: word, among: known) { return "did you mean '\(nearest)'?" }
        return known.isEmpty ? nil : "known: \(known.joined(separator: ", "))"
    }

    /// Damerau-Levenshtein: letters added, lost, changed or swapped with a neighbour.
    static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
        var rows = [Array(0...right.count)]
        for i in 1...left.count {
            var row = [i]
            for j in 1...right.count {
                let change = rows[i - 1][j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1)
                var least = min(rows[i - 1][j] + 1, row[j - 1] + 1, change)
                if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
                    least = min(least, rows[i - 2][j - 2] + 1)
                }
                row.append(least)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}
