import Contracts
package import PipelineModel

/// Any API over HTTP that says which colour is live, and can be told.
package struct HTTPRouter: PlainRouter {
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
                "A PEM file with the authorities to trust instead of the system's; a relative path"
                    + " starts at the folder of the first pipeline file.")
        ])

    let way: any RouterWay

    static func way(_ settings: Section, _ world: World) -> (any RouterWay)? {
        HTTPCalls(settings, world: world).map {
            ToldSwitch(teller: $0, promise: ToldPromise(settings))
        }
    }
}
