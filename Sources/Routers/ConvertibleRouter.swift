package import Contracts
import PipelineModel

/// A router whose existing configuration can be changed so that it is switched without reloads.
package protocol ConvertibleRouter: ConfigurableRouter {
    /// Reads a text and makes one; throws where it cannot tell what to change, and says what it saw.
    static func conversion(
        of configuration: String, _ wish: ConversionWish
    ) throws(Failure) -> Conversion
    /// The arguments with which the proxy's own program judges the file at `path`.
    static func judging(_ path: String) -> [String]
    /// Where relative names in `text`, which lies in `folder`, begin; `has` tells whether a file exists.
    static func folder(
        ofNamesIn text: String, in folder: String, has: (_ path: String) -> Bool
    ) -> String
    /// The text as it can be judged from elsewhere, where relative names begin in `folder`.
    static func judged(_ text: String, from folder: String) -> String
}

extension ConvertibleRouter {
    package static func folder(
        ofNamesIn text: String, in folder: String, has: (_ path: String) -> Bool
    ) -> String { folder }

    package static func judged(_ text: String, from folder: String) -> String { text }
}

/// What a person asks of a configuration that exists.
package struct ConversionWish: Sendable {
    /// Where the proxy reads it.
    package var path: String
    /// The name of the service; without it, the name of the backend.
    package var service: String?
    /// The backend that becomes blue, where there are several.
    package var backend: String?
    /// Where green answers: `127.0.0.1:8082`.
    package var green: String

    package init(path: String, service: String?, backend: String?, green: String) {
        self.path = path
        self.service = service
        self.backend = backend
        self.green = green
    }

    func named(_ backend: String) throws(Failure) -> String {
        let name = service ?? backend
        guard ScalarCheck.isName(name) else {
            throw Failure(
                .refused, "'\(name)' cannot name a service: letters, digits and ._- only.",
                hint: "Give one with --service.")
        }
        return name
    }

    /// Where green's servers are: one is `green`; of several, each keeps its host and has green's port.
    func greens(of servers: [String]) throws(Failure) -> [String] {
        guard servers.count > 1, let port = green.lastIndex(of: ":") else { return [green] }
        let moved = servers.map { address in
            address.lastIndex(of: ":").map { String(address[..<$0] + green[port...]) } ?? address
        }
        guard Set(moved).count == servers.count, Set(moved).isDisjoint(with: servers) else {
            throw Failure(
                .refused,
                "The servers of green cannot be guessed: with its port they would be "
                    + moved.joined(separator: ", ") + ".",
                hint:
                    "Keep one server, run this again, and add green's other servers to the result.")
        }
        return moved
    }

    /// The folder of `path`, where files of ours lie beside it.
    package func folder(standard: String) -> String {
        guard path.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return standard }
        return String(path[..<slash])
    }
}

/// The smallest change after which blue answers as before and green can be switched to.
package struct Conversion: Sendable {
    package var change: ConfigurationChange
    /// The service as the configuration has it.
    package var plan: StartingPlan
    /// What lies beside the configuration.
    package var files: [StartingPoint.File]
    package var folders: [String] = []
    /// How the proxy is made to read them, once, as a sentence without its full stop.
    package var loading: String
    /// YAML: the `router:` section.
    package var pipeline: String
    /// Whether green's servers are not in the configuration yet.
    package var isGreenNew = true
    /// Whether the router of that section counts requests.
    package var isCounting = true
    /// What a person should know before, as whole sentences.
    package var notes: [String] = []
}
