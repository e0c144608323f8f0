import Console
import Contracts
import PipelineModel
import RunEngine

/// Words for what routers and record say.
enum StatusWords {
    static func sighting(_ sighting: Observation.Sighting) -> String {
        switch sighting {
        case .color(let color): color.rawValue
        case .shared(let color, let percent): "\(color), \(percent)% \(color.other)"
        case .foreign(let text): "'\(text)'"
        case .absent: "nothing"
        }
    }

    /// What the router would show after a reload or restart.
    static func durable(_ observation: Observation) -> String {
        switch observation.durable {
        case .same: sighting(observation.effective)
        case .differs(let later): sighting(later)
        case .unknown: "not known here"
        }
    }

    static let valueAbsent = "The router has no value for this service."

    /// `haproxy: key shop, map /etc/haproxy/bluegreen.map`: where a router is asked, as written.
    static func place(_ recipe: Recipe) -> String {
        // What is no JSON object is shown as it is.
        guard case .object(let settings)? = try? JSON(parsing: recipe.settings.utf8) else {
            return "\(recipe.router): \(recipe.settings)"
        }
        return "\(recipe.router) with " + written(settings).joined(separator: ", ")
    }

    /// Each setting as the pipeline names it, `register.variable: shop` for one within another.
    private static func written(_ settings: [String: JSON], of parent: String = "") -> [String] {
        settings.sorted { $0.key < $1.key }.flatMap { key, value -> [String] in
            guard case .object(let inner) = value else {
                return ["\(parent)\(key): \(value.text ?? "…")"]
            }
            return written(inner, of: "\(parent)\(key).")
        }
    }

    /// `green on lb-1, lb-2; blue on lb-3`
    static func shown(_ words: [RouterID: String]) -> String {
        grouped(words).map { "\($0.shows) on \($0.routers.joined(separator: ", "))" }
            .joined(separator: "; ")
    }

    /// The largest part of the fleet first.
    static func grouped(_ words: [RouterID: String]) -> [(shows: String, routers: [String])] {
        Dictionary(grouping: words.keys) { words[$0] ?? "" }
            .map { (shows: $0.key, routers: $0.value.sorted().map(\.name)) }
            .sorted {
                ($1.routers.count, $0.shows.lowercased())
                    < ($0.routers.count, $1.shows.lowercased())
            }
    }

    /// `BAKE ORPHANED 4m: nobody watches green 2.8.0 since its run ended.`
    static func orphanedBake(_ situation: Situation, now: WallTime) -> String? {
        guard case .orphaned(let bake) = situation.bake, let live = situation.record.live?.color
        else { return nil }
        let release = situation.record.releases[live].map { " " + $0.version } ?? ""
        guard let run = situation.record.run, run.beginning.run == bake.run, let ended = run.ended
        else {
            // When a process died is not known.
            let age = now.elapsed(since: bake.began).worded
            return "BAKE ORPHANED up to \(age): nobody watches \(live)\(release); its process"
                + (bake.hasBegun
                    ? " died after the bake had begun." : " died before the bake began.")
        }
        let age = now.elapsed(since: ended).worded
        return "BAKE ORPHANED \(age): nobody watches \(live)\(release) since its run ended."
    }

    /// `RUN ORPHANED: r-000003-ss2hyj died while deploying.`, and the command that helps.
    static func orphanedRun(_ situation: Situation) -> (what: String, next: String)? {
        guard let open = situation.openRun, !situation.isRunAlive,
            situation.record.openIntent == nil, situation.isRecordSound, !situation.isElsewhere
        else { return nil }
        return (
            "RUN ORPHANED: \(open.beginning.run) died while \(RunWords.phase(open.phase)).",
            situation.displacement == nil ? RunWords.next(afterDeathOf: open) : "bluegreen adopt"
        )
    }

    static func bake(_ verdict: BakeVerdict) -> String {
        let ending = verdict.judgement == .failed ? "failed" : "was inconclusive"
        return "The bake \(ending): \(verdict.why)."
    }

    static func drift(_ drift: Drift) -> String {
        switch drift {
        case .recordDiffers(let record, let routers):
            return "The record says \(record) is live, the router says \(routers)."
        case .split(let sightings):
            return "The routers disagree: \(shown(sightings.mapValues(sighting)))."
        case .leftOut(let id, let sighting?):
            return "\(id) was left out of the last move: it still shows \(self.sighting(sighting))."
        case .leftOut(let id, nil):
            return
                "\(id) was left out of the last move and cannot be read: it may show something else."
        case .foreignValue(let text):
            return "The router shows '\(text)', which is neither blue nor green."
        case .strayShare(let color, let percent):
            return "\(percent)% of the requests go to \(color.other), and no run here gave it that."
        case .valueAbsent: return valueAbsent
        case .foreignWriter(let token, let epoch):
            return "The router holds token \(token), the record ends at \(RunWords.name(epoch)):"
                + " somebody else switched, or the record is an old copy."
        case .notDurable(let id, let sighting):
            return "\(id) would show \(self.sighting(sighting)) after a reload or restart."
        case .markNotDurable(let id):
            return "\(id) would keep its colour after a reload or restart, but lose the last token."
        case .openIntent(let intent) where intent.isCanary:
            return "A canary of \(intent.datum.live.other), with"
                + " \(intent.datum.idlePercent ?? 0)% of the requests, was begun and never finished."
        case .openIntent(let intent):
            return "A switch to \(intent.datum.live) was begun and never finished."
        case .recordMissing(let token):
            return "There is no record here, but the router holds token \(token): another machine"
                + " deploys this service, or the state folder is lost."
        case .recordDamaged(let why): return "The record is damaged: \(why)."
        case .recordTooNew(let why):
            return "The record was written by a newer bluegreen: \(why)."
        }
    }

    /// The one command that resolves it.
    static func mend(_ drift: Drift) -> String {
        switch drift {
        case .recordDiffers, .foreignWriter, .recordMissing: "bluegreen adopt"
        case .split, .strayShare: "bluegreen rollback --to COLOR"
        case .leftOut: "bluegreen resume"
        case .foreignValue:
            "bluegreen rollback --to COLOR, if the router's key in the pipeline is right: it may be"
                + " another service's"
        case .valueAbsent: "bluegreen validate"
        case .notDurable, .markNotDurable: "bluegreen adopt"
        case .openIntent: "bluegreen resume"
        case .recordDamaged: "bluegreen adopt"
        case .recordTooNew: "bluegreen of that version; this one can still roll back"
        }
    }
}

extension StatusWords {
    /// For a cell of a table.
    static func brief(_ answer: ProofTally.Answer) -> String {
        guard case .error = answer else { return self.answer(answer) }
        return "no colour"
    }

    /// `answers blue`; where nothing answers as it should, why.
    static func answering(_ answer: ProofTally.Answer) -> String {
        guard case .error(let why) = answer else { return "answers \(self.answer(answer))" }
        return why
    }

    static func answer(_ answer: ProofTally.Answer) -> String {
        switch answer {
        case .color(let color): color.rawValue
        case .other(let text): "'\(text)'"
        case .error(let text): text
        }
    }
}
