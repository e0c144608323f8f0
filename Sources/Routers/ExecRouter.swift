package import Contracts
package import PipelineModel

/// Any tool that says which colour is live, and can be told.
package struct ExecRouter: Router {
    package static let kind = "exec"
    package static let summary =
        "Your own tool: one command that says what is live, one that changes it."
    package static let settings = SettingsDescription(
        [
            Setting(
                "read", .command, .required,
                "Prints blue, green, or what ${datum} was, and nothing else."),
            Setting(
                "target", .command, .optional,
                "Exits with 0 where ${color} can be switched to; asked before each switch."),
            Setting(
                "switch", .command, .required,
                "Makes ${color} live. It is also run where the colour stays: repeating is harmless."
            ),
            Setting(
                "verify", .command, .optional,
                "Exits with 0 where a switch to ${color} has come to its end."),
        ] + ToldPromise.settings + [
            Setting(
                "env", .named(.text(.template)), .optional, "Environment variables to set."),
            Setting(
                "passEnv", .list(.text(.fixed)), .optional,
                "Environment variables to hand over, beside PATH, HOME, USER, LANG, TERM and TMPDIR."
            ),
            Setting(
                "directory", .text(.fixed), .optional,
                "The directory to work in; a relative one starts beside the first pipeline file."),
        ])

    private let told: ToldSwitch

    package init?(_ settings: Section, world: World) {
        let told = settings.readingAlone { own in
            ToolCalls(own, world: world).map {
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
