import Contracts
import PipelineModel

/// What `status` says of one colour.
extension StatusReport {
    static func side(
        _ color: Color, _ findings: StatusFindings, isLive: Bool
    ) -> Side {
        let situation = findings.situation
        let record = situation.record
        var side = Side(color: color, release: record.releases[color])
        if !isLive, record.spoiled == color { (side.tried, side.release) = (side.release, nil) }
        if isLive, record.live?.color == color {
            side.since = record.live?.since
            side.by = record.live?.user
        }
        if let percent = situation.idlePercent {
            side.percent = isLive ? 100 - percent : percent
        } else if !isLive {
            side.state = state(of: color, record, situation)
        }
        let pools = situation.observations.values.compactMap { $0.pools[color] }
        // Routers have the same servers behind them: the one that sees the fewest tells the most.
        if let worst = pools.min(by: { $0.serversUp < $1.serversUp }) {
            side.serversUp = worst.serversUp
            side.serversInAll = worst.serversInAll
            side.inFlight = pools.reduce(0) { $0 + $1.inFlight }
        }
        side.process = findings.hosted[color].map(Process.init)
        return side
    }

    static let failedBake = "failed its bake"

    private static func state(
        of color: Color, _ record: Record, _ situation: Situation
    ) -> String? {
        if record.spoiled == color {
            // Claimed by a run that this record does not have.
            return record.releases[color].map { "half deployed with \($0.version)" }
                ?? "may be half deployed, no way back"
        }
        if record.retired == color { return "retired" }
        if record.ready?.color == color { return "ready to switch" }
        if let run = record.run, record.live?.run == run.beginning.run, record.wayBack == nil,
            let reason = RunWords.whyLeft(run)
        {
            return "\(reason), no way back"
        }
        if record.failedBake == color { return failedBake }
        return claim(of: color, record, situation)
    }

    /// A claim outlives its run: then nobody works on idle, and it is no way back all the same.
    private static func claim(
        of color: Color, _ record: Record, _ situation: Situation
    ) -> String? {
        guard situation.isIdleClaimed else { return nil }
        guard situation.openRun == nil, situation.unexplainedClaim == nil, let run = record.run
        else { return "claimed, no way back" }
        guard run.beginning.plan.to == color else { return "no way back" }
        switch run.outcome?.ending {
        case .failedBeforeSwitch: return "never switched to, no way back"
        case .undone: return "its switch was undone, no way back"
        case .succeeded, .stoppedAsAsked, .rolledBackAutomatically, .keptUnhealthy, .inconclusive,
            .interrupted, .rollbackImpossible, .unsettled, nil:
            return "no way back"
        }
    }
}

extension StatusReport.Process {
    init(_ process: HostedProcess) {
        pid = process.pid
        version = process.version
        isRunning = process.facts != nil
        uptimeSeconds = process.facts?.uptime.components.seconds
        residentBytes = process.facts?.residentMemory
        log = process.log
    }
}
