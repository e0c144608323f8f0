package import Contracts
package import PipelineModel

/// Any API over HTTP that says which colour is live, and can be told.
package struct HTTPRouter: Router {
    package static let kind = "http"
    package static let summary =
        "Any API over HTTP: one request that says what is live, one that changes it."
    package static let settings = SettingsDescription(
        [
            Setting("read", .section(HTTPCalls.reading), .required, "Asks what is live."),
            Setting(
                "target", .section(HTTPCalls.asking), .optional,
                "Asks whether ${color} can be switched to, before each switch."),
            Setting(
                "switch", .section(HTTPCalls.switching), .required,
                "Makes ${color} live. It is also sent where the colour stays: repeating is harmless."
            ),
            Setting(
                "verify", .section(HTTPCalls.asking), .optional,
                "Asks whether a switch to ${color} has come to its end."),
        ] + ToldPromise.settings + [
            Setting(
                "caFile", .text(.fixed), .optional,
                "A PEM file with the authorities to trust instead of the system's.")
        ])

    private let told: ToldSwitch

    package init?(_ settings: Section, world: World) {
        let told = settings.readingAlone { own in
            HTTPCalls(own, world: world).map {
                ToldSwitch(teller: $0, promise: ToldPromise(own))
            }
        }
        guard let told else { return nil }
        self.told = told
    }

    package var fencing: Fencing { told.promise.fencing }
    package var abilities: RouterAbilities { told.promise.abilities }
    package var address: String { told.teller.address }

    package func observe() async throws(Failure) -> Observation { try await told.observe() }

    package func write(_ datum: Datum, expecting: Observation) async -> WriteResult {
        await told.write(datum, expecting: expecting)
    }
}
