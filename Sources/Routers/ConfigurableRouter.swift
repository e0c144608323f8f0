package import Contracts

/// A router whose own configuration `bluegreen init` can begin.
package protocol ConfigurableRouter: Router {
    /// Makes texts only; what is written where is for the caller to decide.
    static func startingPoint(_ plan: StartingPlan) -> StartingPoint
}

/// What is known about a service before it has any configuration.
package struct StartingPlan: Sendable {
    /// Becomes part of names inside the router: letters, digits and `._-`.
    package var service: String
    /// Where the router takes production traffic: `127.0.0.1:8080`.
    package var listen: String
    /// Where each colour answers: `127.0.0.1:8081`.
    package var blue: String
    package var green: String

    package init(service: String, listen: String, blue: String, green: String) {
        self.service = service
        self.listen = listen
        self.blue = blue
        self.green = green
    }

    /// For the router's own page about itself: `first`, or a later one where the service needs that.
    func freePort(from first: Int) -> Int {
        let taken = [listen, blue, green]
        // Three addresses take three ports.
        return (first...first + 3).first { port in !taken.contains { $0.hasSuffix(":\(port)") } }
            ?? first
    }

    /// `listen` as an address that can be asked: a router that listens everywhere is asked on this machine.
    package var reachable: String {
        for wildcard in ["0.0.0.0:", "*:", "[::]:"] where listen.hasPrefix(wildcard) {
            return "127.0.0.1:" + listen.dropFirst(wildcard.count)
        }
        return listen
    }
}

/// A router's first configuration, and the section of the pipeline file that fits it.
package struct StartingPoint: Sendable {
    package struct File: Sendable {
        /// Where the router expects it.
        package var path: String
        package var text: String
    }

    package var files: [File]
    /// Made first, where they are not there yet.
    package var folders: [String] = []
    /// The line of the router's own main file that makes it read ours, and where it goes; `nil` where
    /// there is none.
    package var inclusion: String?
    /// How the router is made to read them, in this order: commands to type, or a few words and a colon
    /// before one.
    package var loading: [String]
    /// YAML: the `router:` section.
    package var pipeline: String
    /// The folder above those of the colours, where files are served and no program answers.
    package var siteFolder: String?
}
