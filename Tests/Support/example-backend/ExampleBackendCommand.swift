import ArgumentParser
import Glibc
import TrafficRig

/// A small web shop that says which colour and version it is.
@main
struct ExampleBackendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "example-backend",
        abstract: "A small web shop that says which colour and version it is.")

    @Option(help: "Port on 127.0.0.1; 0 takes a free one.")
    var port = 0

    @Option(help: "What the backend says it is.")
    var color = "blue"

    @Option(help: "The version it says it is.")
    var version = "1.0.0"

    @Option(help: "Percent of the application requests that are answered 500.")
    var errors = 0

    @Option(help: "Milliseconds that every answer waits.")
    var latency = 0

    @Option(help: "While this file exists the database is gone: 503 everywhere but /version.")
    var brokenWhen: String?

    func run() async throws {
        let termination = TerminationSignal()
        let backend = try await ExampleBackend.start(
            BackendSettings(
                port: port, color: color, version: version,
                faults: Faults(errors: errors, latency: latency), brokenWhen: brokenWhen))
        print("listening on 127.0.0.1:\(backend.port)")
        fflush(nil)
        await termination.wait()
        await backend.stop()
    }
}
