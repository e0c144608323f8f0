import ArgumentParser
import FoundationEssentials
import TrafficRig

/// Sends paced traffic and says what the users saw.
@main
struct LoadClientCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load-client", abstract: "Sends paced traffic and says what the users saw.",
        discussion: """
            Ends after --for, or at SIGTERM or SIGINT, and prints one line. Exits 1 if a request \
            was lost or, with --switches, answered by the wrong colour.
            """)

    @Option(help: "http://HOST:PORT/PATH")
    var url: String

    @Option(help: "Requests per second, all connections together.")
    var rate = 500

    @Option(
        name: .customLong("for"), help: "How long, as in 10s or 500ms; without it, until a signal.")
    var length: Length?

    @Option(help: "Connections that stay open.")
    var connections = 32

    @Option(help: "Users that open a connection for each request.")
    var close = 8

    @Option(help: "Connections that place orders.")
    var posts = 4

    @Option(help: #"File of lines {"issued":NS,"acknowledged":NS,"to":COLOUR}, read at the end."#)
    var switches: String?

    @Option(help: "File for the whole summary as JSON.")
    var report: String?

    func run() async throws {
        let termination = TerminationSignal()
        let plan = try LoadPlan(
            url: url, rate: rate, keepAlive: connections, close: close, posts: posts)
        let client = try await LoadClient.start(plan)
        await wait(for: termination)
        let summary = try await client.stop(switches: try readSwitches())
        if let report {
            try JSONEncoder().encode(summary).write(to: URL(filePath: report), options: .atomic)
        }
        print(summary)
        if !summary.isClean { throw ExitCode.failure }
    }

    private func wait(for termination: TerminationSignal) async {
        await withTaskGroup { group in
            group.addTask { await termination.wait() }
            if let length {
                // Cancelled when the signal came first.
                group.addTask { try? await Task.sleep(for: length.duration) }
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func readSwitches() throws -> [Switch] {
        guard let switches else { return [] }
        return try Data(contentsOf: URL(filePath: switches)).split(separator: UInt8(ascii: "\n"))
            .map { try JSONDecoder().decode(Switch.self, from: $0) }
    }
}

/// A duration on the command line: `10s` or `500ms`.
struct Length: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        if argument.hasSuffix("ms"), let count = Int(argument.dropLast(2)) {
            duration = .milliseconds(count)
        } else if argument.hasSuffix("s"), let count = Double(argument.dropLast()) {
            duration = .seconds(count)
        } else {
            return nil
        }
    }
}
