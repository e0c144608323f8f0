import Console
import Contracts

/// May this release go forward, in spite of what is frozen? Pure.
struct FreezeRules {
    let freezes: [FreezeRecord]
    let now: WallTime

    /// A release that is not known is held up only by a freeze of everything.
    func judge(_ release: Release?) throws(Failure) {
        guard let freeze = holding(release) else { return }
        throw Failure(
            .refused,
            "\(Self.what(freeze.version)) is FROZEN by \(freeze.by)"
                + " \(Self.length(until: freeze.until, now)):"
                + " \(freeze.reason)",
            hint: "To go on all the same: '\(Self.command(freeze))', then repeat the command.")
    }

    /// The freeze that holds it up now.
    func holding(_ release: Release?) -> FreezeRecord? {
        freezes.first { !$0.isOver(at: now) && Self.holds($0, release) }
    }

    static func holds(_ freeze: FreezeRecord, _ release: Release?) -> Bool {
        switch freeze.scope {
        case .everything: true
        case .version(let version): release?.version == version
        case .release(let frozen): release?.isSame(as: frozen) ?? false
        }
    }

    static func what(_ version: String?) -> String { version ?? "This service" }

    /// `until 2026-11-22 14:02:11Z (23h more)`
    static func length(until: WallTime?, _ now: WallTime) -> String {
        guard let until else { return "until somebody ends it" }
        return "until \(until.dayAndClock) (\(until.elapsed(since: now).worded) more)"
    }

    static func command(_ freeze: FreezeRecord) -> String {
        "bluegreen unfreeze" + (freeze.version.map { " --release \($0)" } ?? "")
    }
}

extension Workplace {
    func refuseFrozen(_ release: Release?) throws(Failure) {
        try FreezeRules(freezes: try store.freezes(), now: world.time.wall()).judge(release)
    }

    func refusal(of release: Release?) -> Failure? {
        do throws(Failure) {
            try refuseFrozen(release)
            return nil
        } catch {
            return error
        }
    }
}
