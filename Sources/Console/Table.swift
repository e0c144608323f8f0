import TextTable

/// Rows under headers, aligned by what a terminal shows.
package struct Table: Sendable {
    private let headers: [Text]
    private let emptyText: Text
    /// Columns that a narrow terminal does without, the first of them first.
    private let spare: [Int]
    private var rows: [[Text]] = []

    /// `emptyText` is printed in place of headers without rows: `no runs yet`. The columns of `spare`
    /// are left out, in that order, where there is no room for them.
    package init(_ headers: [String], sparing spare: [String] = [], whenEmpty emptyText: Text) {
        self.headers = headers.map { Text($0, .bold) }
        self.emptyText = emptyText
        self.spare = spare.compactMap(headers.firstIndex)
    }

    /// `cells` are as many as there are headers. Line breaks in a cell become blanks.
    package mutating func add(_ cells: [Text]) {
        precondition(cells.count == headers.count, "A row has as many cells as there are headers.")
        rows.append(cells)
    }

    /// The table as lines, the last one without line break. Where `limit` leaves no room, spare columns
    /// are left out, which a line below says, then the last column is cut; where it would leave
    /// nearly nothing of it, the columns that do not fit continue on a line of their own.
    /// `clean` is applied to every cell before it is measured or cut.
    func laidOut(columns limit: Int?, cleanedBy clean: (Text) -> Text) -> Text {
        guard !rows.isEmpty else { return emptyText }
        let lines = ([headers] + rows).map { row in row.map { clean($0).onOneLine } }
        let widths = headers.indices.map { column in
            lines.map { $0[column].columns }.max() ?? 0
        }
        guard let limit else { return aligned(lines, widths) }
        let kept = kept(widths, limit)
        let table = fitted(
            lines.map { line in kept.map { line[$0] } }, kept.map { widths[$0] }, to: limit)
        let missing = headers.indices.filter { !kept.contains($0) }
        guard !missing.isEmpty else { return table }
        let names = missing.flatMap { headers[$0].spans }.map(\.content).joined(separator: ", ")
        return table + "\n" + Text("no room for: \(names)", .dim).cut(toColumns: limit)
    }

    /// The columns that are not left out.
    private func kept(_ widths: [Int], _ limit: Int) -> [Int] {
        var kept = Array(widths.indices)
        for column in spare where !Self.fit(kept.map { widths[$0] }, limit) {
            kept.removeAll { $0 == column }
        }
        // What a wide column made go may fit once that one is gone, with nothing cut for it.
        for column in spare.reversed() where !kept.contains(column) {
            let more = (kept + [column]).sorted()
            if Self.room(more.map { widths[$0] }, limit) >= widths.last ?? 0 { kept = more }
        }
        return kept
    }

    /// Whether enough of the last column can be read.
    private static func fit(_ widths: [Int], _ limit: Int) -> Bool {
        room(widths, limit) >= min(widths.last ?? 0, leastRoom)
    }

    /// What is left for the last column.
    private static func room(_ widths: [Int], _ limit: Int) -> Int {
        limit - widths.dropLast().reduce(0) { $0 + $1 + gap }
    }

    private func fitted(_ lines: [[Text]], _ widths: [Int], to limit: Int) -> Text {
        let (room, last) = (Self.room(widths, limit), widths.last ?? 0)
        guard !Self.fit(widths, limit), widths.count > 1 else {
            let cut = lines.map {
                Array($0.dropLast()) + $0.suffix(1).map { $0.cut(toColumns: room) }
            }
            return aligned(cut, Array(widths.dropLast()) + [min(last, room)])
        }
        return folded(lines, widths, to: limit)
    }

    private static let gap = 2
    private static let leastRoom = 20

    private func aligned(_ lines: [[Text]], _ widths: [Int]) -> Text {
        zip(lines, layout(of: lines, widths: widths)).map(Self.dressed).joined()
    }

    /// As many columns as fit, aligned; the others below them, one after the other.
    private func folded(_ lines: [[Text]], _ widths: [Int], to limit: Int) -> Text {
        var (count, used) = (1, widths[0])
        while count < widths.count, used + Self.gap + widths[count] <= limit {
            used += Self.gap + widths[count]
            count += 1
        }
        let upper = lines.map { Array($0.prefix(count)) }
        let indent: Text = "    "
        return zip(upper, layout(of: upper, widths: Array(widths.prefix(count))))
            .map(Self.dressed).enumerated().map { index, line in
                let rest = lines[index].dropFirst(count).joined(separator: "  ")
                return line + "\n" + (indent + rest).cut(toColumns: max(limit, 12))
            }.joined()
    }

    /// What TextTable makes of stand-ins for the cells. It counts characters, so each stand-in
    /// has as many as its cell takes columns; styles would be counted, so they come afterwards.
    private func layout(of lines: [[Text]], widths: [Int]) -> [Substring] {
        let table = TextTable<[Text]> { cells in
            widths.indices.map { column in
                Column(
                    title: lines[0][column].standIn, value: cells[column].standIn,
                    width: widths[column] + Self.gap - 1)
            }
        }
        let text = table.string(for: Array(lines.dropFirst()), style: Plain.self) ?? ""
        return text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// `line` with its stand-ins replaced by `cells`, without blanks at the end.
    private static func dressed(_ cells: [Text], _ line: Substring) -> Text {
        var dressed = Text(spans: [])
        var blanks = ""
        var rest = line
        for cell in cells {
            blanks += rest.prefix { $0 == " " }
            rest = rest.drop { $0 == " " }.dropFirst(cell.columns)
            guard !cell.isEmpty else { continue }
            dressed += Text(stringLiteral: blanks) + cell
            blanks = ""
        }
        return dressed
    }
}

extension Text {
    fileprivate var standIn: String { String(repeating: "x", count: columns) }
}
