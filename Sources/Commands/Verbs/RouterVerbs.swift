import ArgumentParser

/// `bluegreen router`: what is done to single routers of a fleet.
struct RouterVerbs: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "router",
        abstract: "Bring a router level with another one (sync).",
        usage: "bluegreen router sync --from <router> [<router> ...] [<options>]",
        discussion: """
            EXAMPLES
              bluegreen router sync --from lb-1 lb-2
            """,
        subcommands: [RouterSync.self])
}
