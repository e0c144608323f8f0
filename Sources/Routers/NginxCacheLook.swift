import Contracts
import PipelineModel
import Synchronization

/// Looks in nginx's own configuration for a cache that hides a switch: `open_file_cache` also remembers
/// what the look for a slot file found, and where a link led.
///
/// nginx shows its configuration only while it tests it. As at every test it then makes the logs and the
/// pid file that are missing, and opens for a moment the ports that nobody has.
struct NginxCacheLook: Sendable {
    private static let directive = "open_file_cache"
    private static let limit = Duration.seconds(5)

    /// How nginx is called.
    let command: [String]
    /// The folder of the slot file, or the link that nginx follows.
    let place: String
    /// Its page in docs/routers.
    var manual = NginxRouter.kind
    /// Of a slot file only the way back is hidden.
    var harm = "hides the way back"
    let world: World

    /// `nil` where nginx does not show its configuration, or shows none that looks there.
    func inspect() async -> Inspection? {
        guard let lines = await lines(), let configuration = NginxConfiguration(lines) else {
            return nil
        }
        return judge(configuration)
    }

    /// Every file of the configuration, one behind the other.
    private func lines() async -> [String]? {
        let shown = Mutex<[String]>([])
        let names = Host.inheritedNames
        let request = ProcessRequest(
            arguments: command + ["-T"],
            environment: names.reduce(into: [:]) { $0[$1] = world.host.environment($1) },
            timeout: Self.limit,
            line: { line in
                guard line.stream == .output else { return }
                shown.withLock { $0.append(line.text) }
            })
        // Losing the error is right: where nginx cannot be asked, nothing is known.
        guard let result = try? await world.processes.run(request), result.ending == .exited(0)
        else { return nil }
        return shown.withLock { $0 }
    }

    private func judge(_ configuration: NginxConfiguration) -> Inspection? {
        let servers = configuration.all.filter { $0.name == "server" && looksThere($0) }
        guard !servers.isEmpty else { return nil }
        return servers.compactMap { judge($0, in: configuration) }.first
            ?? .sound("no \(Self.directive) where nginx looks for \(place)")
    }

    private func judge(
        _ server: NginxConfiguration.Directive, in configuration: NginxConfiguration
    ) -> Inspection? {
        let inside = server.all.filter { $0.name == Self.directive }
        if let own = server.children.first(where: { $0.name == Self.directive }) {
            guard !Self.isOff(own) else { return inside.first { !Self.isOff($0) }.map(doubt) }
            return harm(of: own, "where")
        }
        // What stands outside 'http' is in files that are included, perhaps here.
        let loose = Self.outside(configuration.directives.filter { $0.name != "http" })
        if let inherited = Self.inherited(configuration),
            !(inside + loose).contains(where: Self.isOff)
        {
            return harm(of: inherited, "from 'http' where")
        }
        return (inside + Self.outside(configuration.directives)).first { !Self.isOff($0) }
            .map(doubt)
    }

    /// A block without a value of its own has that of the block around it, wherever it stands there.
    private static func inherited(
        _ configuration: NginxConfiguration
    ) -> NginxConfiguration.Directive? {
        // nginx refuses a second 'http', and a second value in one block.
        configuration.directives.first { $0.name == "http" }?.children
            .first { $0.name == directive && !isOff($0) }
    }

    private func harm(of directive: NginxConfiguration.Directive, _ link: String) -> Inspection {
        .harmful(
            "'\(directive.words.joined(separator: " "))' \(link) nginx looks for \(place) \(harm)",
            mend: mend)
    }

    /// Which files a server block includes is not known, nor whether one of them turns it off.
    private func doubt(_ directive: NginxConfiguration.Directive) -> Inspection {
        .doubtful(
            "'\(directive.words.joined(separator: " "))' may hold where nginx looks for \(place), and"
                + " then \(harm)",
            mend: mend)
    }

    private var mend: String {
        "'open_file_cache off;' in that server block, and no other inside it:"
            + " docs/routers/\(manual).md"
    }

    private func looksThere(_ server: NginxConfiguration.Directive) -> Bool {
        server.all.contains { directive in
            directive.words.contains { $0 == place || $0.contains(place + "/") }
        }
    }

    /// What stands in no server block.
    private static func outside(
        _ directives: [NginxConfiguration.Directive]
    ) -> [NginxConfiguration.Directive] {
        directives.flatMap { directive -> [NginxConfiguration.Directive] in
            guard directive.name != "server" else { return [] }
            return directive.name == Self.directive ? [directive] : outside(directive.children)
        }
    }

    private static func isOff(_ directive: NginxConfiguration.Directive) -> Bool {
        directive.words.dropFirst().first == "off"
    }
}
