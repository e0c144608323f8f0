import Contracts
import PipelineModel

/// The configuration with which Traefik can be switched: the services and the way to them.
struct TraefikSnippet {
    let plan: StartingPlan
    var folder = "/etc/traefik/dynamic"

    private var api: String { "127.0.0.1:\(plan.freePort(from: 8099))" }

    /// For the folder of the file provider.
    var configuration: String {
        """
        # \(plan.service): blue and green behind one address. Belongs into the watched folder.
        http:
          routers:
            \(plan.service):
              rule: PathPrefix(`/`)
              entryPoints: [\(plan.service)]
              service: \(plan.service)-live        # in \(plan.service)-live.yml, which bluegreen writes
            # `X-Env: green` shows a colour through this proxy, to this machine only.
            \(plan.service)-preview-blue:
              rule: ClientIP(`127.0.0.1/32`) && Header(`X-Env`, `blue`)
              entryPoints: [\(plan.service)]
              service: \(plan.service)-blue
            \(plan.service)-preview-green:
              rule: ClientIP(`127.0.0.1/32`) && Header(`X-Env`, `green`)
              entryPoints: [\(plan.service)]
              service: \(plan.service)-green
            # `switch: {preview: {header: X-Canary, equals: "1"}}` lets testers reach the idle colour:
            # \(plan.service)-testers:
            #   rule: Header(`X-Canary`, `1`)
            #   priority: 1000
            #   entryPoints: [\(plan.service)]
            #   service: \(plan.service)-idle        # in \(plan.service)-live.yml too
          services:
            \(plan.service)-blue:
              loadBalancer:
                servers:
                  - url: http://\(plan.blue)
            \(plan.service)-green:
              loadBalancer:
                servers:
                  - url: http://\(plan.green)

        """
    }

    /// What Traefik has to be started with.
    var entrance: String {
        """
        # The part of Traefik's static configuration that switching \(plan.service) needs.
        entryPoints:
          \(plan.service):
            address: "\(plan.listen)"
          traefik:                              # the API, for bluegreen and for nobody else
            address: "\(api)"
        providers:
          providersThrottleDuration: 10ms       # without it a switch takes two seconds
          file:
            directory: \(folder)
            watch: true
        api:
          insecure: true                        # on the address above, without a password
        metrics:
          prometheus: {}

        """
    }

    /// The file as it is before the first switch.
    var first: String {
        TraefikFile.text(Datum(live: .blue, token: Token(number: 0)), plan.service)
    }

    var path: String { "\(folder)/\(plan.service)-live.yml" }

    var pipeline: String {
        """
        router:
          traefik:
            file: \(path)
            api: http://\(api)
            name: \(plan.service)

        """
    }
}

extension TraefikRouter: ConfigurableRouter {
    package static func startingPoint(_ plan: StartingPlan) -> StartingPoint {
        let snippet = TraefikSnippet(plan: plan)
        return StartingPoint(
            files: [
                .init(
                    path: "\(snippet.folder)/\(plan.service).yml", text: snippet.configuration),
                .init(path: "/etc/traefik/traefik.yml", text: snippet.entrance),
                .init(path: snippet.path, text: snippet.first),
            ],
            folders: [snippet.folder],
            loading: [
                "start Traefik anew: systemctl restart traefik",
                "or, without a unit: traefik --configFile=/etc/traefik/traefik.yml",
            ],
            pipeline: snippet.pipeline)
    }
}
