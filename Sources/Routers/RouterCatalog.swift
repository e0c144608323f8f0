package import Contracts
package import PipelineModel

/// Every router that a pipeline may name.
package enum RouterCatalog {
    package static let all: [any Router.Type] = [
        ApacheRouter.self,
        CaddyRouter.self,
        EmbeddedRouter.self,
        EnvoyRouter.self,
        ExecRouter.self,
        HAProxyRouter.self,
        HTTPRouter.self,
        NginxRouter.self,
        SymlinkRouter.self,
        TraefikRouter.self,
    ]

    /// For the vocabulary of the pipeline file, the schema and the reference.
    package static var descriptions: [AdapterDescription] {
        all.map { AdapterDescription($0.kind, .section($0.settings), summary: $0.summary) }
    }

    /// Makes the router of `kind` from its own section; `nil` where `settings.report` says why.
    package static func router(
        _ kind: String, _ settings: Section, world: World
    ) -> (any Router)? {
        guard let type = type(of: kind) else {
            let known = all.map { $0.kind }.joined(separator: ", ")
            settings.report.error(
                at: settings.position, "unknown router '\(kind)'", hint: "known: \(known)")
            return nil
        }
        return type.init(settings, world: world)
    }

    /// What a router of `kind` can count; empty where it counts nothing.
    package static func metrics(of kind: String) -> [RouterMetricName] {
        (type(of: kind) as? any MeteredRouter.Type)?.metrics ?? []
    }

    /// Whether a router of `kind` can close the tunnels to one colour.
    package static func closesTunnels(_ kind: String) -> Bool {
        type(of: kind) is any ClosingRouter.Type
    }

    /// The kinds of which a router can send a share of the traffic to idle, for people.
    package static var sharing: String {
        all.filter { $0.mayShareTraffic }.map { "`\($0.kind)`" }.joined(separator: ", ")
    }

    package static func type(of kind: String) -> (any Router.Type)? {
        all.first { $0.kind == kind }
    }
}
