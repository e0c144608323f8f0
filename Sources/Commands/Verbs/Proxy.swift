import ArgumentParser
import Console
import Contracts
import Routers
import RunEngine

/// `bluegreen proxy`: the embedded proxy, in the foreground or in the background.
struct Proxy: PlacedSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "proxy",
        abstract: "Run a small proxy in front of both colours.",
        usage: "bluegreen proxy [<options>]",
        discussion: """
            EXAMPLES
              bluegreen proxy               in the foreground, until Ctrl-C
              bluegreen proxy --detach
              bluegreen proxy --stop

            Serves what 'router.embedded' and 'colors' of the pipeline say. For a first switch, for \
            development and CI; in production use HAProxy, nginx or Caddy.
            """)

    /// Above what the proxy itself gives the requests under way.
    private static let grace = Duration.seconds(35)

    @Flag(help: "Start it in the background, and return when it serves.")
    var detach = false

    @Flag(help: "End the one that runs; requests under way finish first.")
    var stop = false

    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard !detach || !stop else {
            throw ValidationError("'--detach' and '--stop' exclude each other.")
        }
    }

    func run(in session: Session) async throws -> ExitStatus {
        let proxy = try ProxyPlace(place, in: session)
        let admin = EmbeddedAdmin(
            path: proxy.admin, listen: proxy.listen, world: session.world)
        let view = ProxyView(proxy, session)
        let running = try await admin.greeting()
        if stop { return try await end(running, admin, view, session) }
        if let running { return view.show(.running, running) }
        let plan = try proxy.whole()
        guard detach else { return try await serve(plan, admin, session) }
        let start = ProxyStart(place: proxy, admin: admin, session: session)
        return view.show(.started, try await start.perform(place.words))
    }

    /// A stop that was asked for is the ordinary end.
    private func serve(
        _ plan: ProxyPlan, _ admin: EmbeddedAdmin, _ session: Session
    ) async throws -> ExitStatus {
        let (stop, output) = (session.stop, session.terminal.output)
        do throws(Failure) {
            try await session.proxy.serve(
                plan, { _ = await stop.wait() }, { output.printNow(json: $0) })
        } catch {
            throw admin.portTaken(evidence: [error.message] + error.evidence) ?? error
        }
        return .done
    }

    private func end(
        _ running: EmbeddedAdmin.Greeting?, _ admin: EmbeddedAdmin, _ view: ProxyView,
        _ session: Session
    ) async throws -> ExitStatus {
        guard let running else {
            if let taken = admin.portTaken(evidence: []) {
                let hint = taken.hint.map { " " + $0 } ?? ""
                session.terminal.error.print("\("warning:", .warning) \(taken.message)\(hint)")
            }
            return view.show(.absent)
        }
        guard await session.world.processes.end(running.process, Self.grace) else {
            throw Failure(
                .commandTimedOut, "The proxy does not end: pid \(running.process.pid).",
                hint: "See its log.")
        }
        return view.show(.stopped, running)
    }
}
