import ArgumentParser

/// The root of the command line.
struct Bluegreen: ParsableCommand {
    /// For the help only: `App` answers it, because it knows the version.
    @Flag(help: "Show the version.") var version = false

    static let configuration = CommandConfiguration(
        commandName: "bluegreen",
        abstract: "Moves production traffic between two environments, and back.",
        discussion: """
            Deploys to the idle one of blue and green, checks it, switches the router in one step, \
            proves from outside that traffic moved, watches it, and goes back by itself.

            The exit status says what state production is in; 20 to 22 mean: page a person.
            """,
        groupedSubcommands: [
            CommandGroup(
                name: "Everyday",
                subcommands: [
                    Init.self, Validate.self, Plan.self, Deploy.self, Switch.self,
                    Rollback.self, Status.self, History.self,
                ]),
            CommandGroup(
                name: "More",
                subcommands: [
                    Check.self, Proxy.self, Retire.self, Show.self, Abort.self, Resume.self,
                    Adopt.self, Freeze.self, Unfreeze.self, Wait.self, Lock.self, Watch.self,
                    RouterVerbs.self, Doctor.self, Explain.self, Schema.self,
                ]),
        ])
}
