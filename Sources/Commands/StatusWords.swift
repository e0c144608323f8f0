import Contracts
import PipelineModel
import RunEngine

/// Words for what routers and record say.
enum StatusWords {
    static func sighting(_ sighting: Observation.Sighting) -> String {
        switch sighting {
        case .color(let color): color.rawValue
        case .foreign(let text): "'\(text)'"
        case .absent: "nothing"
        }
    }

    static let valueAbsent = "The router has no value for this service."

    /// `haproxy: key shop, map /etc/haproxy/bluegreen.map`: where a router is asked, as written.
    static func place(_ recipe: Recipe) -> String {
        // What is no JSON object is shown as it is.
        guard case .object(let settings)? = try? JSON(parsing: recipe.settings.utf8) else {
            return "\(recipe.router): \(recipe.settings)"
        }
        let words = settings.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.text ?? "…")" }
        return "\(recipe.router): " + words.joined(separator: ", ")
    }

    static func drift(_ drift: Drift) -> String {
        switch drift {
        case .recordDiffers(let record, let routers):
            return "The record says \(record) is live, the router says \(routers)."
        case .split(let sightings):
            let list = sightings.sorted { $0.key < $1.key }.map {
                "\($0.key): \(sighting($0.value))"
            }
            return "The routers disagree: \(list.joined(separator: ", "))."
        case .foreignValue(let text):
            return "The router shows '\(text)', which is neither blue nor green."
        case .valueAbsent: return valueAbsent
        case .foreignWriter(let token, let epoch):
            return "The router holds token \(token), the record ends at \(RunWords.name(epoch)):"
                + " somebody else switched, or the record is an old copy."
        case .notDurable(let id, let sighting):
            return "\(id) would show \(self.sighting(sighting)) after a reload or restart."
        case .markNotDurable(let id):
            return "\(id) would keep its colour after a reload or restart, but lose the last token."
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
        case .split: "bluegreen rollback --to COLOR"
        case .foreignValue, .valueAbsent: "bluegreen validate"
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

    static func answer(_ answer: ProofTally.Answer) -> String {
        switch answer {
        case .color(let color): color.rawValue
        case .other(let text): "'\(text)'"
        case .error(let text): text
        }
    }
}
