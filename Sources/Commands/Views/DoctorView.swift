import Console

/// Shows what is well and what is not, as a table.
struct DoctorView {
    private let session: Session

    init(_ session: Session) {
        self.session = session
    }

    func show(_ report: DoctorReport) {
        let out = session.terminal.output
        guard !session.isJSON else { return out.print(json: JSONOut.document(report)) }
        let shown = report.checks.filter { !session.output.quiet || $0.verdict != .ok }
        if !shown.isEmpty || !session.output.quiet { out.print(table(shown)) }
        for row in shown {
            guard let mend = row.mend else { continue }
            out.print("\(mark(row.verdict)) \(row.check): \(row.found)")
            out.print("  \("next:", .bold) \(mend)")
        }
        if let expected = report.rollbackMilliseconds {
            let reach = report.reach.map { " for " + $0 } ?? ""
            out.print(
                "A rollback from here is ready\(reach); it would take about \("\(expected)") ms.")
        }
    }

    private func table(_ rows: [DoctorReport.Row]) -> Table {
        var table = Table(["", "check", "found"], whenEmpty: "nothing to check")
        for row in rows { table.add([mark(row.verdict), Text(row.check), Text(row.found)]) }
        return table
    }

    private func mark(_ verdict: DoctorReport.Verdict) -> Text {
        switch verdict {
        case .ok: "\("✓", .good)"
        case .warning: "\("!", .warning)"
        case .problem: "\("✗", .bad)"
        }
    }
}
