import Contracts
import PipelineModel

/// The columns of one router in the table of an unsettled fleet.
struct SurveyWords {
    let now: String
    let afterReload: String
    let token: String

    init(_ survey: RouterSurvey) {
        guard let seen = survey.seen else {
            (now, afterReload, token) = ("cannot be read", "?", "?")
            return
        }
        now = StatusWords.sighting(seen.effective)
        afterReload = StatusWords.durable(seen)
        token = seen.token.map(\.description) ?? "none"
    }

    /// `green on lb-1, lb-2; UNKNOWN on lb-3`
    static func production(_ surveys: [RouterID: RouterSurvey]) -> String {
        StatusWords.shown(
            surveys.mapValues { survey in
                survey.seen.map { StatusWords.sighting($0.effective) } ?? "UNKNOWN"
            })
    }
}
