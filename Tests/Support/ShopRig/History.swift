import Contracts
import FoundationEssentials
import PipelineModel
import RunEngine
import StateStores
import Synchronization
import TestWorld

/// What happened to a service, one thing after the other; the real program answers to all of it.
package struct History: CustomStringConvertible {
    package var happenings: [Happening]
    private let kind: Kind

    package enum Kind: String, CaseIterable, Sendable {
        case plain
        /// The pipeline gives the new colour two shares before all of it.
        case canary
        /// The clock is set, and the record comes back from an older copy.
        case machine
    }

    /// The same seed gives the same history.
    package init(seed: UInt64, _ kind: Kind) {
        self.kind = kind
        var random = SeededRandom(seed)
        let length = Int.random(in: 1...30, using: &random)
        happenings = (0..<length).map { _ in
            kind == .machine ? .ofMachine(&random) : .random(&random)
        }
    }

    package var description: String {
        "[\n" + happenings.map { "    .\($0),\n" }.joined() + "]"
    }

    /// Seeds that once showed a defect; they are played first, for ever.
    package static let known: [UInt64] = [169, 1224, 2624, 4054, 4776]

    /// What goes wrong, the shortest history in which it does, and what a person saw of that.
    package func defect() -> String? {
        guard let wrong = violation() else { return nil }
        let small = shrunk()
        let (reason, transcript) = small.played()
        return """
            \(wrong)
            shortest: \(small)
            \(reason ?? "it does not repeat")
            \(transcript)
            """
    }

    private func violation() -> String? { played().wrong }

    private func played() -> (wrong: String?, transcript: String) {
        let shop = Shop.running()
        shop.write(
            "bluegreen.yaml",
            Shop.pipeline.replacing("for: 12s", with: "for: 3s")
                + (kind == .canary ? Shop.canary : ""))
        var audit = JournalAudit()
        var copy = RecordCopy(of: shop)
        for (index, happening) in happenings.enumerated() {
            shop.note("\(happening)")
            copy.live(through: happening, in: shop)
            if happening == .restored { audit = JournalAudit() }
            guard let wrong = shop.live(through: happening) ?? audit.wrong(in: shop) else {
                continue
            }
            return ("\(index): \(happening): \(wrong)", shop.transcript)
        }
        return (shop.repair().map { "at the end: \($0)" }, shop.transcript)
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

/// What `status -o json` says, as far as it is judged here.
private struct ToldStatus: Decodable {
    struct Side: Decodable { let color: Color }
    struct Problem: Decodable {
        let what: String
        let next: String?
    }

    let exit: Int32
    let live: Side?
    let problems: [Problem]
}

extension Shop {
    /// Lets it happen, then asks whether everything that must hold still does.
    fileprivate func live(through happening: Happening) -> String? {
        switch happening {
        case .command(let words, let mishap):
            if let wrong = type(words, with: mishap) { return wrong }
        case .hours(let number): wait(.seconds(number * 3600))
        case .powerCut: files.cutPower()
        case .reload: production.setValue(production.persisted)
        case .byHand(let color): production.setValue(color.rawValue)
        case .recordLost:
            for path in files.paths where path.hasPrefix(".bluegreen") { files[path] = nil }
        case .sick(let color): production.change { $0.environments[color]?.status = 503 }
        case .well(let color): production.change { $0.environments[color]?.status = 200 }
        case .clockSet(let hours): simulation.setClock(by: .seconds(hours * 3600))
        case .backup, .restored: break
        }
        forgetWhatNobodyTells()
        return outrage ?? statusLie().wrong
    }

    /// Where the record is lost, and somebody has written over the claim in the router, nothing is left
    /// that knows what is half deployed.
    private func forgetWhatNobodyTells() {
        guard !files.paths.contains(where: { $0.hasPrefix(".bluegreen") }) else { return }
        if !isIdleClaimed { production.change { $0.half = [] } }
    }

    fileprivate var isIdleClaimed: Bool { production.value?.contains(":-:") == true }

    private func type(_ words: [String], with mishap: Happening.Mishap) -> String? {
        let before = liveNow
        let wasShared = isShared
        var screen: Screen
        switch mishap {
        case .none: screen = type(words)
        case .dies(let operation, let written):
            files.prepare(.death(written: written), at: operation)
            screen = type(words)
        case .diskFails(let operation, let reason):
            files.prepare(.failure(reason), at: operation)
            screen = type(words)
        case .diesAtRouter(let question, let isObeyed):
            production.change { $0.death = (question, isObeyed) }
            screen = type(words)
        case .interrupted(let milliseconds):
            screen = type(words, after: .milliseconds(milliseconds)) { $0.ask(.signal(2)) }
        case .routerDown:
            production.change { $0.isRouterUp = false }
            screen = type(words)
        case .deployFails:
            production.change { $0.programs["./start"] = FakeProduction.Program(exit: 1) }
            screen = type(words)
        }
        production.change { state in
            (state.death, state.isRouterUp, state.programs) = (nil, true, [:])
        }
        let isDead = files.isDead
        files.restart()
        guard !isDead else { return nil }
        if isShared, !wasShared, screen.status != 20 {
            return "exit \(screen.status) leaves \(production.value ?? "") behind"
        }
        return exitLie(screen, words, before: before)
            ?? recordLie(screen, words, before: before)
            ?? (mishap == .none && screen.status == 0 ? repetitionLie(words) : nil)
    }

    /// Whether a move of traffic that is called done is not, or not as it is written down.
    private func recordLie(_ screen: Screen, _ words: [String], before: Color?) -> String? {
        guard screen.status == 0, let now = liveNow, now != before else { return nil }
        // A record that cannot be read is for `status` to tell.
        guard let record = try? store.load().record else { return "no record of \(words)" }
        // A router that holds a bare colour keeps no token.
        let token = production.value.flatMap(FakeProduction.token)
        let isTrue =
            record.openIntent == nil && record.live?.color == now
            && (token == nil || record.live?.token?.number == token)
            && (words[0] == "rollback" || words[0] == "resume" || record.wayBack == before)
        return isTrue ? nil : "\(words) ended well with \(record)"
    }

    /// Whether the same again does something else.
    private func repetitionLie(_ words: [String]) -> String? {
        guard Self.repeatable.contains(words) else { return nil }
        let before = liveNow
        let again = type(words)
        guard again.status != 0 || liveNow != before else { return nil }
        // A run was stopped; what is live and unwatched since before it pages all the same.
        let isPaging = words == ["abort"] && again.status == 22 && liveNow == before
        if isPaging, statusLie().report?.exit == 22 { return nil }
        return "\(words) once more: exit \(again.status)\n\(again.output)\(again.error)"
    }

    private static let repeatable = [
        ["switch", "blue"], ["rollback", "--to", "blue"], ["rollback", "--to", "green"],
        ["resume"], ["abort"], ["adopt"], ["retire", "-y"], ["deploy", "3.0"], ["deploy", "3.1"],
    ]

    /// Whether the exit status says of production what is not so.
    private func exitLie(_ screen: Screen, _ words: [String], before: Color?) -> String? {
        let now = liveNow
        let isTrue =
            switch screen.status {
            case 0:
                switch words {
                case ["switch"], ["switch", "--no-bake"]: now != before
                case ["switch", "blue"], ["rollback", "--to", "blue"]: now == .blue
                case ["rollback", "--to", "green"]: now == .green
                case _: true
                }
            // `resume` may end the switch of another run, and go back from it.
            case 11: now == before || words == ["resume"]
            case 10, 21, 30, 32, 33, 40, 78: now == before
            case 12, 20, 22, 74, 130: true
            default: false
            }
        guard !isTrue else { return nil }
        return "exit \(screen.status), live before: \(before?.rawValue ?? "?"), now: "
            + "\(now?.rawValue ?? "?")\n\(screen.output)\(screen.error)"
    }

    private var outrage: String? {
        var found: [String] = []
        production.change { found = $0.outrages }
        return found.first
    }

    private var everything: [String?] { [recorded, production.value, production.persisted] }

    /// What `status` says, and what of it is not so.
    private func statusLie() -> (report: ToldStatus?, wrong: String?) {
        let before = everything
        let began = simulation.now
        let words = ["status", "-o", "json"]
        let screen = type(words)
        let length = simulation.now - began
        // Decoding fails only where the answer is no report, which is told here.
        let report = try? JSONDecoder().decode(
            ToldStatus.self, from: Data(screen.output.utf8))
        guard let report else { return (nil, "status: \(screen.output)\(screen.error)") }
        if everything != before {
            return (report, "status changed something")
        }
        if length > .seconds(1) { return (report, "status took \(length)") }
        // A record that cannot be read is for `status` to tell.
        let stored = try? store.load()
        if case .corrupt(let why)? = stored?.condition {
            return (report, "a fault cannot damage what was written: \(why)")
        }
        if report.exit != screen.status { return (report, "status says \(report.exit)") }
        if report.live?.color != liveNow {
            return (report, "status names \(report.live?.color.rawValue ?? "nobody")")
        }
        if report.exit == 0, isShared { return (report, "status is 0, and idle has a share") }
        guard report.exit == 0, let record = stored?.record else { return (report, nil) }
        if let intent = record.openIntent { return (report, "status is 0 with \(intent) open") }
        if let recorded = record.live?.color, recorded != liveNow {
            return (report, "status is 0, the record says \(recorded)")
        }
        return (report, nil)
    }

    /// Does what `status` advises until it is content: a few commands must be enough.
    fileprivate func repair() -> String? {
        production.change { state in
            for color in Color.allCases { state.environments[color]?.status = 200 }
        }
        var typed: [String] = []
        for _ in 1...4 {
            let (report, wrong) = statusLie()
            if let wrong = outrage ?? wrong { return "\(typed): \(wrong)" }
            guard let report, report.exit != 0 else { return nil }
            // `bluegreen adopt, or 'bluegreen rollback --to blue'`: the first of them.
            guard
                let advice = report.problems.compactMap(\.next).first?
                    .split(separator: ",").first.map(String.init),
                advice.hasPrefix("bluegreen ")
            else { return "\(typed): status \(report.exit) without advice: \(report.problems)" }
            let words = advice.split(separator: " ").dropFirst().map {
                $0 == "COLOR" ? (liveNow ?? .blue).rawValue : String($0)
            }
            typed.append(words.joined(separator: " "))
            type(words)
        }
        return "still not content after \(typed): \(statusLie().report?.problems ?? [])"
    }

    private var isShared: Bool { production.value.flatMap(FakeProduction.share) != nil }

    private var liveNow: Color? {
        production.value.flatMap { Color(rawValue: String($0.prefix { $0 != ":" })) }
    }
}
