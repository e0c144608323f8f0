import ArgumentParser
import Console
import Contracts
import PipelineModel
import Routers

/// `bluegreen init`: a first pipeline and the matching part of the router's configuration.
struct Init: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a first pipeline, and what it needs to work.",
        usage: "bluegreen init [<options>]",
        discussion: """
            EXAMPLES
              bluegreen init                a small proxy and an example application, to try it
              bluegreen init --router haproxy --service shop --listen 0.0.0.0:80 \\
                  --blue 10.0.0.1:8080 --green 10.0.0.2:8080
              bluegreen init --from /etc/haproxy/haproxy.cfg --green 10.0.0.2:8080
                                            the smallest change of what is there, as a diff

            Writes into the working directory only; existing files are never replaced. The \
            addresses must be three different ones.
            """)

    @Option(
        help: ArgumentHelp(
            "The router in front of your own application: \(Self.known). Without it: the proxy and the example.",
            valueName: "kind"))
    var router: String?

    @Option(
        help: ArgumentHelp("The service; default the name of the folder.", valueName: "name"))
    var service: String?

    @Option(
        help: ArgumentHelp(
            "A configuration that exists, of \(Self.convertibleKinds): blue is what it has now.",
            valueName: "file"))
    var from: String?

    @Option(
        help: ArgumentHelp(
            "With --from: the backend that becomes blue, where there are several.",
            valueName: "name"))
    var backend: String?

    @Option(
        help: ArgumentHelp(
            "Where the router takes production traffic; default 127.0.0.1:8080.",
            valueName: "host:port"))
    var listen: String?

    @Option(
        help: ArgumentHelp("Where blue answers; default 127.0.0.1:8081.", valueName: "host:port"))
    var blue: String?

    @Option(
        help: ArgumentHelp("Where green answers; default 127.0.0.1:8082.", valueName: "host:port"))
    var green: String?

    @OptionGroup(title: "Output") var output: OutputOptions

    private static var configurable: [any ConfigurableRouter.Type] {
        RouterCatalog.all.compactMap { $0 as? any ConfigurableRouter.Type }
    }

    static var convertible: [any ConvertibleRouter.Type] {
        RouterCatalog.all.compactMap { $0 as? any ConvertibleRouter.Type }
    }

    static var convertibleKinds: String { convertible.map { $0.kind }.joined(separator: " or ") }

    private static var known: String { configurable.map { $0.kind }.joined(separator: ", ") }

    /// All mistakes at once.
    func validate() throws {
        guard from == nil || (listen == nil && blue == nil) else {
            throw ValidationError("With --from, --listen and --blue are what the file says.")
        }
        guard backend == nil || from != nil else {
            throw ValidationError("--backend goes with --from.")
        }
        let plan = plan("")
        let written =
            (from == nil ? [("--listen", plan.listen), ("--blue", plan.blue)] : [])
            + [("--green", plan.green)]
        let misspelt = written.filter { NetworkAddress($0.1) == nil }.map { flag, text in
            "'\(text)' is not host:port, as in \(flag) 10.0.0.1:8080."
        }
        let clashes = AddressClash.all(
            in: written.compactMap { flag, text in NetworkAddress(text).map { (flag, $0) } }
        ).map { "\($0.first) and \($0.second) have the same address, \($0.address)." }
        guard misspelt.isEmpty, clashes.isEmpty else {
            throw ValidationError((misspelt + clashes).joined(separator: " "))
        }
    }

    func plan(_ service: String) -> StartingPlan {
        StartingPlan(
            service: service, listen: listen ?? "127.0.0.1:8080", blue: blue ?? "127.0.0.1:8081",
            green: green ?? "127.0.0.1:8082")
    }

    func run(in session: Session) async throws -> ExitStatus {
        if let from { return try await convert(from, in: session) }
        let kind = router ?? EmbeddedRouter.kind
        guard let type = Self.configurable.first(where: { $0.kind == kind }) else {
            throw UsageRefusal(
                message: "'init' knows no router '\(kind)'; it knows: \(Self.known).")
        }
        let name = try serviceName(session.world)
        let plan = plan(name)
        let start = type.startingPoint(plan)
        let isCounting = RouterCatalog.metrics(of: kind).contains(.errorRate)
        let pipeline = FirstPipeline(
            plan: plan, router: start.pipeline, errors: isCounting ? "router" : "probe",
            application: router == nil
                ? .example : start.siteFolder.map(FirstPipeline.Application.files) ?? .own)
        var files = [(path: PipelineFiles.standardName, text: pipeline.text)]
        if router == nil { files.append((ExampleApplication.name, ExampleApplication.text)) }
        files += start.files.map { ("\(kind)/\(Self.lastPart($0.path))", $0.text) }
        try refuseExisting(files.map(\.path), session.world)
        try write(files, folder: start.files.isEmpty ? nil : kind, session.world)
        show(files.map(\.path), next(start, kind, session.world), session)
        if router == nil { sayWhatIsTaken(plan, session) }
        return .done
    }

    /// Another service's proxy, or program, may run here already.
    private func sayWhatIsTaken(_ plan: StartingPlan, _ session: Session) {
        let places = [
            ("router.embedded.listen", plan.listen), ("colors", plan.blue),
            ("colors", plan.green),
        ]
        for (key, written) in places {
            guard let address = NetworkAddress(written),
                let holder = session.world.processes.listener(address.host, address.port)
            else { continue }
            session.terminal.error.print(
                """
                \("warning:", .warning) pid \("\(holder.pid)") (\(holder.program)) has port \
                \("\(address.port)") already: give this service another one (\(key)\
                \(key == "colors" ? "" : " and public.url") in \(PipelineFiles.standardName)), or \
                end that program.
                """)
        }
    }

    /// What a person does now, as lines.
    private func next(_ start: StartingPoint, _ kind: String, _ world: World) -> [String] {
        let folders = start.folders.isEmpty ? [] : [start.folders.joined(separator: " ")]
        let installs =
            folders.map { "install -d -m 755 \($0)" }
            + start.files.map {
                "install -m 644 \(kind)/\(Self.lastPart($0.path)) \($0.path)"
            } + [start.inclusion].compactMap(\.self)
        guard router == nil else {
            return installs + start.loading + [
                "edit the deploy steps of \(PipelineFiles.standardName)",
                "bluegreen validate && bluegreen plan 1.0",
            ]
        }
        let lacks = ExampleApplication.isRunnable(world) ? [] : [ExampleApplication.lack]
        return lacks + start.loading + ["bluegreen deploy 1.0"]
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

    static func lastPart(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    func refuseExisting(_ paths: [String], _ world: World) throws {
        for path in paths {
            do throws(FileFailure) {
                guard try world.files.status(path) != nil, try !isBlank(path, world) else {
                    continue
                }
            } catch {
                throw Failure(.refused, "Cannot look for '\(path)': \(error.message).")
            }
            throw Failure(
                .refused, "'\(path)' exists already; nothing was written.",
                hint: "Move it away, or begin in an empty folder.")
        }
    }

    /// A pipeline that says nothing, as `touch` leaves it, may be replaced.
    private func isBlank(_ path: String, _ world: World) throws(FileFailure) -> Bool {
        guard path == PipelineFiles.standardName, try world.files.status(path)?.kind == .file
        else { return false }
        let text = String(
            decoding: try world.files.read(path, PipelineFiles.largest), as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).allSatisfy { line in
            line.first { !$0.isWhitespace }.map { $0 == "#" } ?? true
        }
    }

    func write(
        _ files: [(path: String, text: String)], folder: String?, mode: UInt32 = 0o644,
        _ world: World
    ) throws {
        do throws(FileFailure) {
            if let folder { try world.files.createPrivateFolder(folder) }
            for file in files { try world.files.replace(file.path, Array(file.text.utf8), mode) }
        } catch {
            throw Failure(.refused, "Cannot write the first files: \(error.message).")
        }
    }

    private struct Document: Encodable {
        var schemaVersion = 1
        var type = "init"
        var written: [String]
    }

    func show(_ written: [String], _ next: [String], _ session: Session) {
        let out = session.terminal.output
        guard !session.isJSON else {
            return out.print(json: JSONOut.line(Document(written: written)))
        }
        for path in written { out.print("\("wrote", .good) \(path)") }
        out.print("\nNext:")
        for line in next { out.print("  \(line)") }
    }
}
