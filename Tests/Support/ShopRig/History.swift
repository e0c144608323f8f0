import PipelineModel
import TestWorld

/// What happened to a service, one thing after the other; the real program answers to all of it.
///
/// What must hold whatever happens, and who judges it:
///
/// | | must hold | judged by |
/// |---|---|---|
/// | I1 | a switch has checks that passed, and are not too old | `JournalAudit` |
/// | I2 | whatever a router is told was announced on disk | `FakeProduction.requireAnnouncement` |
/// | I3 | nothing half deployed gets traffic, nothing live is deployed to | `FakeProduction.write`, `.run` |
/// | I4 | with no run open, routers and record agree | `Shop.statusLie`, `.recordLie` |
/// | I5 | tokens rise | `FakeProduction.write` |
/// | I6 | routers that differ are told | `Shop.statusLie` |
/// | I7 | a move is done when each router shows its token | `Shop.recordLie` |
/// | I8 | one open move; a run says whose place it takes | `JournalAudit` |
/// | I9 | what was live is the way back, right after the move | `Shop.recordLie` |
/// | I10 | a run that goes back does not go forward | `JournalAudit` |
/// | I11 | whoever was replaced writes nothing | `Rivals`, `JournalAudit` |
/// | I12 | `status` and `rollback` wait for nobody | `Shop.statusLie`, `.type`, `Rivals` |
/// | I13 | the same again changes nothing | `Shop.repetitionLie` |
/// | I14 | `status` changes nothing | `Shop.statusLie` |
/// | I15 | a new token is higher than any in a router | `FakeProduction.write` |
/// | I16 | exit 0: what was asked for is live | `Shop.exitLie` |
/// | I17 | checks do not outlive a claim | `JournalAudit` |
/// | I18 | what was written durably can be read | `Shop.statusLie` |
/// | I19 | a secret is on no screen and in no file | `Shop.spills`, `.spilledSecret` |
/// | I20 | no run moves traffic more than 20 times | `JournalAudit`, `Shop.type` |
///
/// Not judged: the age of checks where the clock is set (I1); a way back later than right after the move
/// (I9); the loss of a whole last line (I18); moves of several runs of `watch` together (I20).
package struct History: CustomStringConvertible {
    package var happenings: [Happening]
    private let kind: Kind
    /// Of every eighth: to look for it in all that is told and kept takes the program long.
    private let hasSecret: Bool

    package enum Kind: String, CaseIterable, Sendable {
        case plain
        /// The pipeline gives the new colour two shares before all of it.
        case canary
        /// The clock is set, and the record comes back from an older copy.
        case machine
        /// Commands stand still in the middle of their work while other processes do theirs.
        case rival
        /// Answers to writes are lost.
        case lost
        /// The router compares tokens (class T); commands are overtaken, and writes arrive late.
        case fenced
        /// There are two routers.
        case fleet
    }

    /// The same seed gives the same history.
    package init(seed: UInt64, _ kind: Kind) {
        self.kind = kind
        hasSecret = seed.isMultiple(of: 8)
        var random = SeededRandom(seed)
        let length = Int.random(in: 1...30, using: &random)
        happenings = (0..<length).map { _ in
            switch kind {
            case .plain, .canary, .fleet: .random(&random)
            case .machine: .ofMachine(&random)
            case .rival: .ofRivals(&random)
            case .lost: .ofLostAnswers(latest: 0, &random)
            case .fenced: .ofLostAnswers(latest: 40, &random)
            }
        }
    }

    package var description: String {
        "[\n" + happenings.map { "    .\($0),\n" }.joined() + "]"
    }

    /// Seeds that once showed a defect; they are played first, for ever.
    package static let known: [UInt64] = [
        169, 178, 765, 931, 943, 989, 1053, 1224, 2624, 4054, 4776,
    ]

    /// What goes wrong; and, where that is searched for, the shortest history in which it does and
    /// what a person saw of that.
    package func defect(searchesShortest: Bool = true) -> String? {
        guard let wrong = violation() else { return nil }
        guard searchesShortest else { return wrong }
        let small = shrunk()
        let (reason, transcript) = small.played(isTold: true)
        return """
            \(wrong)
            shortest: \(small)
            \(reason ?? "it does not repeat")
            \(transcript)
            """
    }

    private func violation() -> String? { played().wrong }

    private func played(isTold: Bool = false) -> (wrong: String?, transcript: String) {
        let shop = kind.shop
        if !isTold { shop.silence() }
        if hasSecret { shop.hideSecret() }
        var audit = JournalAudit(judgesAge: kind != .machine)
        var copy = RecordCopy(of: shop)
        for (index, happening) in happenings.enumerated() {
            shop.note("\(happening)")
            copy.live(through: happening, in: shop)
            if happening == .restored { audit = JournalAudit(judgesAge: false) }
            guard let wrong = shop.live(through: happening) ?? audit.wrong(in: shop) else {
                continue
            }
            return ("\(index): \(happening): \(wrong)", shop.transcript)
        }
        let wrong =
            shop.repair() ?? audit.wrong(in: shop)
            ?? (hasSecret ? shop.spilledSecret : nil)
        return (wrong.map { "at the end: \($0)" }, shop.transcript)
    }

    /// A shortest history that still goes wrong, by leaving out one thing after the other.
    private func shrunk() -> History {
        var small = self
        var index = 0
        while index < small.happenings.count {
            var shorter = small
            shorter.happenings.remove(at: index)
            if shorter.violation() != nil { small = shorter } else { index += 1 }
        }
        return small
    }
}

extension History.Kind {
    /// A calm one, with a pipeline that takes less time.
    fileprivate var shop: Shop {
        let (shop, pipeline) =
            switch self {
            case .plain, .machine, .rival, .lost: (Shop.running(), Shop.pipeline)
            case .canary: (Shop.running(), Shop.pipeline + Shop.canary)
            case .fenced: (Shop.runningOnRegister(), Shop.registerPipeline)
            case .fleet: (Shop.runningFleet(), Shop.fleetPipeline(["lb-1", "lb-2"]))
            }
        shop.write("bluegreen.yaml", pipeline.replacing("for: 12s", with: "for: 3s"))
        return shop
    }
}

/// A copy of the record, and what it knows.
private struct RecordCopy {
    private var files: [String: [UInt8]] = [:]
    private var half: Set<Color> = []
    /// What is half deployed, and only the router tells, because the record is older than that.
    private var untold: Set<Color> = []

    init(of shop: Shop) { make(of: shop) }

    mutating func live(through happening: Happening, in shop: Shop) {
        switch happening {
        case .backup: make(of: shop)
        case .restored:
            for path in Self.paths(of: shop) { shop.files[path] = nil }
            for (path, bytes) in files { shop.files[path] = bytes }
            shop.production.change { untold = $0.half.subtracting(half) }
            if !shop.isIdleClaimed { forget(in: shop) }
        case .byHand: forget(in: shop)
        case _: break
        }
    }

    /// Where somebody wrote over the claim, nothing is left that knows of it.
    private func forget(in shop: Shop) { shop.production.change { $0.half.subtract(untold) } }

    private mutating func make(of shop: Shop) {
        files = [:]
        for path in Self.paths(of: shop) { files[path] = shop.files[path] }
        shop.production.change { half = $0.half.subtracting(untold) }
    }

    private static func paths(of shop: Shop) -> [String] {
        shop.files.paths.filter { $0.hasPrefix(".bluegreen") }
    }
}
