import Console
import Contracts
import PipelineModel

/// Shows a status report on one screen.
struct StatusView {
    private let session: Session

    init(_ session: Session) {
        self.session = session
    }

    func show(_ report: StatusReport, now: WallTime) {
        let out = session.terminal.output
        guard !session.isJSON else { return out.print(json: JSONOut.document(report)) }
        guard !session.output.quiet else {
            return out.print(Text(report.live?.color.rawValue ?? "unknown"))
        }
        let stage = report.stage.map { " · " + $0 } ?? ""
        let asked = report.routers.map(\.name).joined(separator: ", ")
        out.print("\(report.service + stage, .bold)   \("asked \(asked) just now", .dim)")
        out.print("  \("LIVE    ", .bold) \(side(report.live, isLive: true, now))")
        if let fleet = report.fleet, fleet.count > 1 {
            let unread = [StatusReport.unreachable, StatusReport.unknown]
            let isSplit = fleet.count { !unread.contains($0.shows) } > 1
            out.print("  \(isSplit ? "SPLIT   " : "FLEET   ", .bold) \(words(fleet))")
        }
        out.print("  \("IDLE    ", .bold) \(side(report.idle, isLive: false, now))")
        out.print("  \("ROLLBACK", .bold) \(rollback(report, now))")
        if report.fleet != nil, let row = report.routers.first {
            out.print("  \("PUBLIC  ", .bold) \(row.dataPlane)")
        }
        for line in frozen(report, now) { out.print("  \("FROZEN  ", .bold) \(line)") }
        if let run = report.run { out.print("  \("RUN     ", .bold) \(words(run, now))") }
        if let bake = report.bake { out.print("  \("BAKE    ", .bold) \(bake)") }
        out.print("")
        out.print(table(report))
        for problem in report.problems {
            out.print("\("!", .bad) \(problem.what)")
            if let next = problem.next { out.print("  \("next:", .bold) \(next)") }
        }
        if let next = report.next { out.print("\("next:", .bold) \(next)") }
    }

    private func side(_ side: StatusReport.Side?, isLive: Bool, _ now: WallTime) -> Text {
        guard let side else { return isLive ? "\("UNKNOWN", .bad)" : "unknown" }
        var text: Text = "\(isLive ? "●" : "○", Style(side.color)) "
        text += "\(side.color.rawValue, isLive ? .live : Style(side.color))"
        text += "  \(side.release?.version ?? "release unknown")"
        if let since = side.since {
            text += "  since \(since.clock)"
            // A clock that was put back knows no length.
            if now >= since { text += " (\(now.elapsed(since: since).worded))" }
        }
        if let by = side.by { text += "  by \(by)" }
        if let state = side.state { text += "  \(state, .warning)" }
        if let percent = side.percent {
            text += "  \("\(percent)% of the requests", .warning)"
        }
        if let up = side.serversUp, let all = side.serversInAll {
            text += "  \("\(up)/\(all) servers up", up == all ? nil : .warning)"
        }
        if let count = side.inFlight, count > 0 { text += "  \("\(count) under way")" }
        if let process = side.process { text += "  " + words(process, beside: side.release) }
        return text
    }

    /// `pid 4711, up 3 m, 38 MiB`; `pid 4711 of 2.7` where that is another release
    private func words(_ process: StatusReport.Process, beside release: Release?) -> Text {
        let other = process.version.map { $0 == release?.version ? "" : " of \($0)" } ?? ""
        let pid = (process.pid.map { "pid \($0)" } ?? "process") + other
        guard process.isRunning, let seconds = process.uptimeSeconds,
            let bytes = process.residentBytes
        else { return "\("\(pid) not running", .bad)" }
        return "\("\(pid), up \(Duration.seconds(seconds).worded), \(bytes >> 20) MiB", .dim)"
    }

    /// `green on lb-1, lb-2 · blue on lb-3`
    private func words(_ fleet: [StatusReport.Part]) -> Text {
        let parts = fleet.map { part -> Text in
            let color = Color(rawValue: part.shows)
            let names = part.routers.joined(separator: ", ")
            return "\(part.shows, color.map(Style.init) ?? .bad) on \(names)"
        }
        return parts.dropFirst().reduce(parts[0]) { $0 + " · " + $1 }
    }

    private func rollback(_ report: StatusReport, _ now: WallTime) -> Text {
        let rollback = report.rollback
        guard rollback.isReady, let target = rollback.target else {
            return "\("NOT READY", .warning)  \(rollback.why ?? "")"
        }
        var text: Text = "\("READY", .good)"
        if let misses = rollback.misses {
            let all = report.routers.count
            text += " \("for \(all - misses.count) of \(all) routers", .warning)"
            text += " (not \(misses.joined(separator: ", ")))"
        }
        text += " → \(target.rawValue, Style(target))"
        text += "  \(rollback.release?.version ?? "release unknown")"
        if let why = rollback.why { text += "  \(why, .warning)" }
        if let expected = rollback.expectedMilliseconds {
            text += "  expected about \("\(expected)") ms"
        }
        if let until = report.retireAfter, until > now {
            text += "  kept \(until.elapsed(since: now).worded) more"
        }
        return text
    }

    /// What holds up everything, then the newest: rollbacks of months would fill the screen.
    private func frozen(_ report: StatusReport, _ now: WallTime) -> [Text] {
        let all = report.freezes
        guard all.count > Self.freezesShown, !session.output.verbose else {
            return all.map { words($0, now) }
        }
        let foremost =
            all.filter { $0.version == nil }
            + all.filter { $0.version != nil }.sorted { $0.since > $1.since }
        let rest = "and \(all.count - Self.freezesShown) more:"
        return foremost.prefix(Self.freezesShown).map { words($0, now) } + [
            "\(rest) \(session.advice("bluegreen status -v"))"
        ]
    }

    private static let freezesShown = 3

    private func words(_ freeze: StatusReport.Freeze, _ now: WallTime) -> Text {
        """
        \(FreezeRules.what(freeze.version), .warning)  by \(freeze.by) \
        \(FreezeRules.length(until: freeze.until, now)): \(freeze.reason)
        """
    }

    private func words(_ run: StatusReport.Run, _ now: WallTime) -> Text {
        var text: Text = "\(run.id)  \(run.verb)"
        if let ending = run.ending { return text + "  \(ending)" }
        let age = now.elapsed(since: run.began).worded
        text += run.isAlive ? "  \(run.phase, .bold)" : "  \("died while \(run.phase)", .bad)"
        return text + "  begun \(run.began.clock) (\(age) ago)  by \(run.owner)"
    }

    private func table(_ report: StatusReport) -> Table {
        // All routers are behind one public address: of a fleet its answer is told once.
        let isFleet = report.fleet != nil
        let answer = isFleet ? [] : ["public address"]
        var table = Table(
            ["router", "record", "router now", "after reload"] + answer + ["where"],
            sparing: ["where"], whenEmpty: "no router")
        for row in report.routers {
            let cells = [row.name, row.record ?? "nothing", row.now, row.afterReload]
            let answer = isFleet ? [] : [row.dataPlane]
            table.add((cells + answer + [row.address]).map { Text($0) })
        }
        guard session.output.verbose else { return table }
        for row in report.routers {
            session.terminal.output.print(
                """
                \(row.name): class \(row.fencing.rawValue)\(Self.declared(row)), token \(row.token ?? "none"), \
                idle \(row.isIdleClaimed ? "claimed" : "not claimed"), \
                old workers \(row.oldWorkers.map(String.init) ?? "not known")
                """)
        }
        return table
    }

    private static func declared(_ row: StatusReport.RouterRow) -> String {
        row.isClassTested.map { $0 ? " (declared and tested)" : " (declared, not tested)" } ?? ""
    }
}

extension WallTime {
    /// `14:02:11Z`
    var clock: String { String(description.dropFirst(11).prefix(8)) + "Z" }

    /// `2026-11-21 14:02:11Z`
    var dayAndClock: String {
        String(description.prefix(10)) + " " + clock
    }
}
