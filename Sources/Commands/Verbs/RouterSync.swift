import ArgumentParser
import Console
import Contracts
import PipelineModel

/// `bluegreen router sync`: a router that was rebuilt, or joins later, gets what another one holds.
struct RouterSync: PlacedSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Give routers the colour and the token of another one, before they take traffic.",
        usage: "bluegreen router sync --from <router> [<router> ...] [<options>]",
        discussion: """
            EXAMPLES
              bluegreen router sync --from lb-1 lb-2
              bluegreen router sync --from lb-1            all others
              bluegreen router sync --from lb-1 lb-2 --dry-run

            For a proxy that was rebuilt or joins a fleet later, as ExecStartPre of its unit: what \
            its proxy reads when it starts is written while it does not run. A router that is level \
            already is left alone (0); one that holds a newer token is refused (33). While a switch \
            or a canary is under way this waits.
            """)

    @Option(help: ArgumentHelp("The router that is right.", valueName: "router"))
    var from: String

    @Argument(help: ArgumentHelp("The routers to write; default all others.", valueName: "router"))
    var routers: [String] = []

    @Option(
        help: ArgumentHelp(
            "Wait this long for a switch or a canary to end, such as 10m; default 30s.",
            valueName: "duration"),
        transform: { try Length($0, as: "--lock-timeout 10m", orZero: true) })
    var lockTimeout: Length?

    @Flag(help: "Show what would be done and stop.")
    var dryRun = false

    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in session: Session) async throws -> ExitStatus {
        let workplace = try Workplace.open(place, in: session)
        let sync = FleetSync(
            workplace: workplace, source: RouterID(from), targets: try targets(of: workplace))
        let limit = lockTimeout?.duration ?? .seconds(30)
        let report = try await Waiting(session: session, limit: limit).untilFree {
            let survey = try await sync.survey()
            return dryRun ? survey : try await sync.perform(survey)
        }
        return SyncView(session).show(report)
    }

    private func targets(of workplace: Workplace) throws -> [RouterID] {
        let known = workplace.routers.keys.sorted()
        for name in [from] + routers where !known.contains(RouterID(name)) {
            throw UsageRefusal(
                message: "There is no router '\(name)' in the pipeline, only"
                    + " \(known.map(\.name).joined(separator: ", ")).")
        }
        let targets =
            routers.isEmpty ? known.filter { $0.name != from } : routers.map(RouterID.init)
        guard !targets.isEmpty else {
            throw UsageRefusal(message: "\(from) is the only router: there is no other to write.")
        }
        guard !targets.contains(RouterID(from)) else {
            throw UsageRefusal(message: "\(from) cannot be brought level with itself.")
        }
        return Set(targets).sorted()
    }
}
