import Contracts
import PipelineModel
import Synchronization

/// Looks in nginx's own configuration for a cache that hides the way back: `open_file_cache` also
/// remembers what the look for a slot file found.
struct NginxCacheLook: Sendable {
    private static let directive = "open_file_cache"
    private static let limit = Duration.seconds(5)

    /// How nginx is called.
    let command: [String]
    /// The folder of the slot file.
    let slot: String
    let world: World

    /// `nil` where nginx does not show its configuration, or shows none that looks for the slot.
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
        let servers = configuration.all.filter { $0.name == "server" && looksForSlot($0) }
        guard !servers.isEmpty else { return nil }
        let inherited = Self.outside(configuration.directives)
        return servers.compactMap { judge($0, beside: inherited) }.first
            ?? .sound("no \(Self.directive) where nginx looks for \(slot)")
    }

    private func judge(
        _ server: NginxConfiguration.Directive, beside inherited: [NginxConfiguration.Directive]
    ) -> Inspection? {
        let inside = server.all.filter { $0.name == Self.directive }
        if let own = server.children.first(where: { $0.name == Self.directive }) {
            guard !Self.isOff(own) else { return inside.first { !Self.isOff($0) }.map(doubt) }
            return .harmful(
                "'\(own.words.joined(separator: " "))' where nginx looks for \(slot) hides the way back",
                mend: mend)
        }
        return (inside + inherited).first { !Self.isOff($0) }.map(doubt)
    }

    /// Which files a server block includes is not known, nor whether one of them turns it off.
    private func doubt(_ directive: NginxConfiguration.Directive) -> Inspection {
        .doubtful(
            "'\(directive.words.joined(separator: " "))' may hold where nginx looks for \(slot), and"
                + " then hides the way back",
            mend: mend)
    }

    private var mend: String {
        "'open_file_cache off;' in that server block, and no other inside it:"
            + " docs/routers/nginx.md"
    }

    private func looksForSlot(_ server: NginxConfiguration.Directive) -> Bool {
        server.all.contains { $0.words.contains { $0.contains(slot + "/") } }
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
