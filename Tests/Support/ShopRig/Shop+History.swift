import Contracts
import FoundationEssentials
import PipelineModel
import RunEngine
import StateStores
import TestWorld

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
    private static let secret = "s3cr3t-canary-value"

    /// From now on the deploy step gets one, and tells it.
    func hideSecret() {
        set("TOKEN", Self.secret)
        production.change { $0.programs["./start"] = .init(lines: ["login with \(Self.secret)"]) }
        let step = #""./start", "${color}", "${version}""#
        write(
            "bluegreen.yaml",
            read("bluegreen.yaml").replacing(step, with: step + #", "${env.TOKEN}""#))
    }

    /// I19: where a secret of the pipeline got to.
    var spilledSecret: String? {
        let place = files.paths.first { files[$0]?.contains(text: Self.secret) == true }
        return place.map { "the secret is in \($0)" }
    }

    /// Lets it happen, then asks whether everything that must hold still does.
    func live(through happening: Happening) -> String? {
        let before = everything
        switch happening {
        case .command(let words, let mishap):
            if let wrong = type(words, with: mishap) { return wrong }
        case .hours(let number): wait(.seconds(number * 3600))
        case .powerCut: files.cutPower()
        case .reload: production.reload()
        case .byHand(let color): production.setValue(color.rawValue)
        case .recordLost:
            for path in files.paths where path.hasPrefix(".bluegreen") { files[path] = nil }
        case .sick(let color): production.change { $0.environments[color]?.status = 503 }
        case .well(let color): production.change { $0.environments[color]?.status = 200 }
        case .clockSet(let hours): simulation.setClock(by: .seconds(hours * 3600))
        case .backup, .restored: break
        }
        forgetWhatNobodyTells()
        if let outrage { return outrage }
        // After a command that changed nothing it would say the same again.
        if case .command = happening, everything == before { return nil }
        return statusLie().wrong
    }

    /// Where the record is lost, and somebody has written over the claim in the router, nothing is left
    /// that knows what is half deployed.
    private func forgetWhatNobodyTells() {
        guard !files.paths.contains(where: { $0.hasPrefix(".bluegreen") }) else { return }
        if !isIdleClaimed { production.change { $0.half = [] } }
    }

    var isIdleClaimed: Bool { production.values.contains { $0.contains(":-:") } }

    private func type(_ words: [String], with mishap: Happening.Mishap) -> String? {
        let before = liveNow
        let wasShared = isShared
        let began = simulation.now
        let screen: Screen
        beginProcess()
        production.change { state in
            (state.writes, state.isLenient) = (0, words[0] == "rollback")
        }
        var rivals: Rivals?
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
            production.change("lb-2") { $0.isUp = false }
            screen = type(words)
        case .deployFails:
            production.change { $0.programs["./start", default: .init()].exit = 1 }
            screen = type(words)
        case .overtaken(let moment, let other, let endsIt):
            production.change { $0.isStandingFirm = !endsIt }
            let found = Rivals(in: self, other)
            found.meet(at: moment)
            screen = type(words)
            rivals = found
        case .answerLost(let write, let questions):
            production.change { $0.delay = (write, questions) }
            screen = type(words)
        }
        var writes = 0
        production.change { state in
            (state.death, state.standstill, state.delay) = (nil, nil, nil)
            state.isRouterUp = true
            state.programs["./start"]?.exit = 0
            writes = state.writes
        }
        production.change("lb-2") { $0.isUp = true }
        endProcess()
        let isDead = files.isDead
        files.restart()
        if Self.spills(screen) { return "the secret is on the screen" }
        if writes > 40 { return "it told the router \(writes) times what to do" }
        if let wrong = rivals?.wrong(screen, isDead: isDead) { return wrong }
        guard !isDead, rivals?.hasMovedOn != true else { return nil }
        if words[0] == "rollback", simulation.now - began > Self.longestRollback {
            return "it took \(simulation.now - began)"
        }
        if isShared, !wasShared, screen.status != 20 {
            return "exit \(screen.status) leaves \(production.value ?? "") behind"
        }
        return exitLie(screen, words, before: before)
            ?? recordLie(screen, words, before: before)
            ?? (mishap == .none && screen.status == 0 ? repetitionLie(words) : nil)
    }

    /// I12: the longest that its own deadlines add up to.
    static let longestRollback = Duration.seconds(60)

    private static func spills(_ screen: Screen) -> Bool {
        Array(screen.output.utf8).contains(text: secret)
            || Array(screen.error.utf8).contains(text: secret)
    }

    /// Whether a move of traffic that is called done is not, or not as it is written down.
    func recordLie(_ screen: Screen, _ words: [String], before: Color?) -> String? {
        guard screen.status == 0, let now = liveNow, now != before else { return nil }
        // A record that cannot be read is for `status` to tell.
        guard let record = try? store.load().record else { return "no record of \(words)" }
        // A router that holds a bare colour keeps no token; to bring routers level takes a newer one.
        let isLevelled = record.run?.beginning.plan.entry == .levelling
        let tokens = Set(production.values.compactMap(FakeProduction.token))
        let isTrue =
            record.openIntent == nil && record.live?.color == now
            && (isLevelled || tokens.allSatisfy { $0 == record.live?.token?.number })
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
    func exitLie(_ screen: Screen, _ words: [String], before: Color?) -> String? {
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

    var everything: [String] { ["\(files.changes)"] + routers }

    var routers: [String] { production.values + production.persisted }

    var journals: Set<String> {
        Set(files.paths.filter { $0.hasSuffix(".jsonl") })
    }

    /// What `status` says, and what of it is not so.
    private func statusLie() -> (report: ToldStatus?, wrong: String?) {
        let (before, wasUnderWay, disk) = (everything, production.isWriteUnderWay, files.changes)
        let began = simulation.now
        let words = ["status", "-o", "json"]
        let screen = type(words)
        let length = simulation.now - began
        // A write of long ago took effect in the midst of the answer: the next one knows of it.
        if wasUnderWay, !production.isWriteUnderWay, files.changes == disk { return statusLie() }
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
        if report.exit == 0, liveNow == nil { return (report, "status is 0, the routers differ") }
        if let liveNow, report.live?.color != liveNow {
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
    func repair() -> String? {
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
            // Where the routers differ a person chooses; where one colour is refused, the other.
            let choice = liveNow ?? (typed.last?.hasSuffix("blue") == true ? .green : .blue)
            let words = advice.split(separator: " ").dropFirst().map {
                $0 == "COLOR" ? choice.rawValue : String($0)
            }
            typed.append(words.joined(separator: " "))
            type(words)
        }
        return "still not content after \(typed): \(statusLie().report?.problems ?? [])"
    }

    private var isShared: Bool { production.values.contains { FakeProduction.share($0) != nil } }

    /// Nobody, where the routers differ.
    var liveNow: Color? {
        let shown = Set(production.values.map { Color(rawValue: String($0.prefix { $0 != ":" })) })
        return shown.count == 1 ? shown.first ?? nil : nil
    }
}
