import ArgumentParser
import Console
import Contracts
import PipelineModel
import Routers

/// `bluegreen init`: a first pipeline and the matching part of the router's configuration.
struct Init: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a first pipeline and the router's configuration for it.",
        discussion: """
            EXAMPLES
              bluegreen init
              bluegreen init --router haproxy --service shop --listen 0.0.0.0:80 \\
                  --blue 10.0.0.1:8080 --green 10.0.0.2:8080

            Writes into the working directory only; existing files are never replaced.
            """)

    @Option(help: ArgumentHelp("The router: \(Self.known).", valueName: "kind"))
    var router = "haproxy"

    @Option(help: "The service; default the name of the folder.")
    var service: String?

    @Option(help: "Where the router takes production traffic.")
    var listen = "127.0.0.1:8080"

    @Option(help: "Where blue answers.")
    var blue = "127.0.0.1:8081"

    @Option(help: "Where green answers.")
    var green = "127.0.0.1:8082"

    @OptionGroup(title: "Output") var output: OutputOptions

    private static var configurable: [any ConfigurableRouter.Type] {
        RouterCatalog.all.compactMap { $0 as? any ConfigurableRouter.Type }
    }

    private static var known: String { configurable.map { $0.kind }.joined(separator: ", ") }

    func validate() throws {
        for address in [listen, blue, green] where WebAddress.hostAndPort(address) == nil {
            throw ValidationError("'\(address)' is not host:port.")
        }
    }

    func run(in session: Session) async throws -> ExitStatus {
        guard let type = Self.configurable.first(where: { $0.kind == router }) else {
            throw UsageRefusal(
                message: "'init' knows no router '\(router)'; it knows: \(Self.known).")
        }
        let name = try serviceName(session.world)
        let start = type.startingPoint(
            StartingPlan(service: name, listen: listen, blue: blue, green: green))
        let pipeline = FirstPipeline(
            service: name, listen: listen, blue: blue, green: green, router: start.pipeline)
        var files = [(path: PipelineFiles.standardName, text: pipeline.text)]
        files += start.files.map { ("\(router)/\(Self.lastPart($0.path))", $0.text) }
        try refuseExisting(files.map(\.path), session.world)
        try write(files, session.world)
        show(files.map(\.path), start, session)
        return .done
    }

    private func serviceName(_ world: World) throws -> String {
        let name = service ?? Self.lastPart(world.host.workingDirectory)
        guard ScalarCheck.isName(name) else {
            throw UsageRefusal(
                message: "'\(name)' cannot name a service: letters, digits and ._- only. Give"
                    + " one with --service.")
        }
        return name
    }

    private static func lastPart(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    private func refuseExisting(_ paths: [String], _ world: World) throws {
        for path in paths {
            do throws(FileFailure) {
                guard try world.files.status(path) != nil else { continue }
            } catch {
                throw Failure(.refused, "Cannot look for '\(path)': \(error.message).")
            }
            throw Failure(
                .refused, "'\(path)' exists already; nothing was written.",
                hint: "Move it away, or begin in an empty folder.")
        }
    }

    private func write(_ files: [(path: String, text: String)], _ world: World) throws {
        do throws(FileFailure) {
            try world.files.createPrivateFolder(router)
            for file in files { try world.files.replace(file.path, Array(file.text.utf8), 0o644) }
        } catch {
            throw Failure(.refused, "Cannot write the first files: \(error.message).")
        }
    }

    private struct Document: Encodable {
        var schemaVersion = 1
        var type = "init"
        var written: [String]
    }

    private func show(_ written: [String], _ start: StartingPoint, _ session: Session) {
        let out = session.terminal.output
        guard !session.isJSON else {
            return out.print(json: JSONOut.line(Document(written: written)))
        }
        for path in written { out.print("\("wrote", .good) \(path)") }
        out.print("\nNext:")
        for (path, home) in zip(written.dropFirst(), start.files.map(\.path)) {
            out.print("  install \(path) as \(home)")
        }
        out.print("  \(start.loading)")
        out.print("  edit the deploy steps of \(written[0])")
        out.print("  bluegreen validate && bluegreen plan 1.0")
    }
}

/// The text of a first pipeline: small, commented, valid.
struct FirstPipeline {
    let service: String
    let listen: String
    let blue: String
    let green: String
    /// The `router:` section.
    let router: String

    var text: String {
        """
        apiVersion: bluegreen/v1
        service: \(service)

        colors:                       # each environment, reached directly
          blue:
            url: http://\(blue)
          green:
            url: http://\(green)

        \(router)
        public:                       # a switch is proven here, from the user's side
          url: http://\(reachable)/version
          identity:
            header: X-Color           # the application answers with its own colour

        deploy:                       # to the idle colour; replace this by your own steps
          - name: start the new release
            run: ["docker", "compose", "-p", "\(service)-${color}", "up", "-d", "--wait"]
            env:
              VERSION: ${version}
            timeout: 5m

        checks:                       # asked of idle before it may receive traffic
          - name: healthy
            http: /healthz
            consecutive: 3
            timeout: 60s

        bake:                         # watched after the switch; goes back by itself
          for: 5m
          metrics:
            - name: errors
              router: errorRate
              pass: "< 1%"
            - name: p95
              probe: p95
              pass: "< 500ms"

        retire:
          after: 1h                   # until then the old colour stays the way back
          steps:
            - run: ["docker", "compose", "-p", "\(service)-${color}", "stop"]

        """
    }

    /// A router that listens everywhere is asked on this machine.
    private var reachable: String {
        for wildcard in ["0.0.0.0:", "*:", "[::]:"] where listen.hasPrefix(wildcard) {
            return "127.0.0.1:" + listen.dropFirst(wildcard.count)
        }
        return listen
    }
}
