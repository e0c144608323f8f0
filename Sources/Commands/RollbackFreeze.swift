import Console
import Contracts
import PipelineModel

/// Freezes the release that a rollback left, so that no job ships it again by itself.
struct RollbackFreeze {
    private static let length = Duration.seconds(86_400)

    let session: Session
    let store: any StateStore
    /// Somebody else wrote to the routers since: what the record says runs there may not.
    let isRecordOlder: Bool

    /// Traffic is back already: what cannot be frozen is a warning.
    func freeze(what outcome: Outcome, left beginning: RunBeginning) async {
        guard let color = color(outcome, beginning), let release = release(on: color) else {
            return
        }
        guard !isRecordOlder else {
            session.terminal.error.print(
                """
                \("warning:", .warning) \(release.version) is not frozen: somebody else wrote to the \
                router since, and another release may have been on \(color).
                """)
            return
        }
        let now = session.world.time.wall()
        let until = now.advanced(by: Self.length)
        let freeze = FreezeRecord(
            .release(release),
            reason: session.secrets.masker.masked(reason(outcome, beginning)),
            by: "\(beginning.owner.user)@\(beginning.owner.host)", since: now, until: until)
        do throws(Failure) {
            // Who has kept the record from being written was waited for already.
            try await store.changeFreezes(
                patience: outcome.isUnrecorded ? .zero : .milliseconds(300), isLenient: true
            ) { $0.adding(freeze) }
        } catch {
            session.terminal.error.print(
                """
                \("warning:", .warning) \(release.version) could not be frozen, a job may deploy it \
                again: \(error.message)
                """)
            return
        }
        guard !session.output.quiet, !session.isJSON else { return }
        session.terminal.error.print(
            """
              deploys of \(release.version) are frozen until \(until.dayAndClock); \
            '\(session.advice(FreezeRules.command(freeze)))' allows them again
            """)
    }

    /// The colour that traffic left because it was bad.
    private func color(_ outcome: Outcome, _ beginning: RunBeginning) -> Color? {
        let plan = beginning.plan
        switch outcome.ending {
        case .rolledBackAutomatically: return plan.to
        case .succeeded where plan.from != plan.to && isWayBack(beginning): return plan.from
        case .succeeded, .stoppedAsAsked, .failedBeforeSwitch, .undone, .keptUnhealthy,
            .inconclusive, .interrupted, .rollbackImpossible, .unsettled:
            return nil
        }
    }

    /// A rollback, or the end of one that died.
    private func isWayBack(_ beginning: RunBeginning) -> Bool {
        guard beginning.plan.entry == .rollingBack else { return false }
        guard beginning.plan.verb == .resume, let dead = beginning.supersedes else {
            return beginning.plan.verb == .rollback
        }
        // Losing the error is right: nothing is frozen where nothing is known.
        let entries = (try? store.entries(of: dead)) ?? nil
        return entries?.contains {
            if case .rollbackIntended = $0.event { true } else { false }
        } ?? false
    }

    /// `nil` where it is not known, or runs on both sides: then it was not the reason.
    private func release(on color: Color) -> Release? {
        // Losing the error is right: nothing is frozen where nothing is known.
        guard let releases = try? store.load().record.releases, let release = releases[color],
            !release.isSame(as: releases[color.other])
        else { return nil }
        return release
    }

    private func reason(_ outcome: Outcome, _ beginning: RunBeginning) -> String {
        beginning.reason ?? outcome.failure?.message ?? "it was rolled back"
    }
}

extension [FreezeRecord] {
    /// With `freeze` in the place of one of the same scope, and without what is over by then.
    func adding(_ freeze: FreezeRecord) -> [FreezeRecord] {
        filter { !$0.isOver(at: freeze.since) && $0.scope != freeze.scope } + [freeze]
    }
}
