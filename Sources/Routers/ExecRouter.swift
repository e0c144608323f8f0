import Contracts
package import PipelineModel

/// Any tool that says which colour is live, and can be told.
package struct ExecRouter: PlainRouter {
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

    let way: any RouterWay

    static func way(_ settings: Section, _ world: World) -> (any RouterWay)? {
        ToolCalls(settings, world: world).map {
            ToldSwitch(teller: $0, promise: ToldPromise(settings))
        }
    }
}
