import Contracts
import PipelineModel

/// What the pipeline says of a tool or an API that only its user knows.
struct ToldPromise: Hashable, Sendable {
    let fencing: Fencing
    let isDurable: Bool

    static let settings = [
        Setting(
            "class", .choice(["T", "S", "A"]), .standard("A"),
            "T: it compares tokens itself. S: it is done when it returns. A: it may be late."),
        Setting(
            "durable", .boolean, .standard("true"),
            "Whether a restart of what is told keeps what it was told."),
        Setting("timeout", .duration, .standard("10s"), "How long each question may take."),
    ]

    static func timeout(_ settings: Section) -> Duration {
        settings.duration("timeout") ?? .seconds(10)
    }

    init(_ settings: Section) {
        fencing = settings.text("class").flatMap(Fencing.init) ?? .asynchronous
        isDurable = settings.boolean("durable") ?? true
    }

    var abilities: RouterAbilities {
        RouterAbilities(
            isAtomic: nil, keepsConnections: nil, showsDrain: false, isDurable: isDurable,
            isDeclared: true)
    }

    var durable: Observation.Durable {
        isDurable ? .same : .unknown("The pipeline says that a restart forgets it.")
    }

    func forgetful(_ name: String) -> Failure {
        Failure(
            .routerNotDurable, "\(name) forgets what it was told when it is restarted.",
            evidence: ["durable: false"], hint: "Switch again after a restart.")
    }
}

/// What a tool or an API is told, as the names that its templates may use.
enum ToldNames {
    static let all: Set = ["color", "token", "datum"]

    static func substitutes(_ datum: Datum, _ constants: Constants) -> Substitutes {
        Substitutes(
            [
                "color": datum.live.rawValue, "token": "\(datum.token.number)",
                "datum": datum.written,
            ], constants: constants)
    }
}
