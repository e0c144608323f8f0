/// Rows under headers, aligned by what a terminal shows.
package struct Table: Sendable {
    private let headers: [Text]
    private let emptyText: Text
    private var rows: [[Text]] = []

    /// `emptyText` is printed in place of headers without rows: `no runs yet`.
    package init(_ headers: [String], whenEmpty emptyText: Text) {
        self.headers = headers.map { Text($0, .bold) }
        self.emptyText = emptyText
    }

    /// `cells` are as many as there are headers. Line breaks in a cell become blanks.
    package mutating func add(_ cells: [Text]) {
        precondition(cells.count == headers.count, "A row has as many cells as there are headers.")
        rows.append(cells)
    }

    /// The table as lines, the last one without line break. The last column is cut so that no
    /// line is longer than `limit`, unless that would leave nearly nothing of it.
    /// `clean` is applied to every cell before it is measured or cut.
    func laidOut(columns limit: Int?, cleanedBy clean: (Text) -> Text) -> Text {
        guard !rows.isEmpty else { return emptyText }
        var lines = ([headers] + rows).map { row in row.map { clean($0).onOneLine } }
        var widths = headers.indices.map { column in
            lines.map { $0[column].columns }.max() ?? 0
        }
        if let limit, let last = widths.indices.last {
            let room = max(limit - widths.dropLast().reduce(0) { $0 + $1 + Self.gap }, 12)
            widths[last] = min(widths[last], room)
            for line in lines.indices {
                lines[line][last] = lines[line][last].cut(toColumns: room)
            }
        }
        return lines.map { Self.line($0, widths) }.joined()
    }

    private static let gap = 2

    /// Styles and secrets take no columns, so cells are filled up by what a terminal shows of them.
    private static func line(_ cells: [Text], _ widths: [Int]) -> Text {
        var line = Text(spans: [])
        var blanks = 0
        for (cell, width) in zip(cells, widths) {
            if !cell.isEmpty {
                line += Text(stringLiteral: String(repeating: " ", count: blanks)) + cell
                blanks = 0
            }
            blanks += width - cell.columns + gap
        }
        return line
    }
}
