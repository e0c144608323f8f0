import Contracts
import PipelineModel

/// The configuration with which Envoy can be switched: two clusters, and routes in a file of their own.
struct EnvoySnippet {
    let plan: StartingPlan

    var folder: String { "/var/lib/bluegreen/\(plan.service)" }
    var path: String { "\(folder)/routes.yaml" }

    var configuration: String {
        """
        # \(plan.service): blue and green behind one address.
        admin:
          address:
            socket_address: { address: 127.0.0.1, port_value: \(admin) }

        # Envoy takes no routes from a file without it.
        node: { id: \(plan.service), cluster: \(plan.service) }

        static_resources:
          listeners:
            - name: \(plan.service)
              address:
                socket_address: { \(Self.socket(plan.listen)) }
              filter_chains:
                - filters:
                    - name: envoy.filters.network.http_connection_manager
                      typed_config:
                        "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                        stat_prefix: \(plan.service)
                        use_remote_address: true
                        preserve_external_request_id: true   # or users' X-Request-Id is replaced
                        upgrade_configs:
                          - upgrade_type: websocket
                        rds:
                          route_config_name: \(plan.service)
                          config_source:
                            path_config_source:
                              path: \(path)
                              watched_directory: { path: \(folder) }
                        http_filters:
                          - name: envoy.filters.http.router
                            typed_config:
                              "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
          clusters:
        \(cluster("blue", plan.blue))
        \(cluster("green", plan.green))

        """
    }

    private func cluster(_ color: String, _ address: String) -> String {
        """
            - name: \(plan.service)_\(color)
              type: STRICT_DNS
              connect_timeout: 1s
              load_assignment:
                cluster_name: \(plan.service)_\(color)
                endpoints:
                  - lb_endpoints:
                      - endpoint:
                          address:
                            socket_address: { \(Self.socket(address)) }
              health_checks:                           # a connection now and then: is it up?
                - tcp_health_check: {}
                  timeout: 1s
                  interval: 0.5s
                  no_traffic_interval: 0.5s
                  unhealthy_threshold: 2
                  healthy_threshold: 1
        """
    }

    /// `address: 127.0.0.1, port_value: 8080`
    private static func socket(_ text: String) -> String {
        let colon = text.lastIndex(of: ":") ?? text.endIndex
        let host = text[..<colon].filter { !"[]".contains($0) }
        let address = host == "*" ? "0.0.0.0" : host
        return "address: \"\(address)\", port_value: \(text[colon...].dropFirst())"
    }

    private var admin: Int { plan.freePort(from: 9901) }

    /// The routes before the first switch.
    var routes: String {
        let datum = Datum(live: .blue, token: Token(number: 0)).written
        return """
            # \(plan.service): what bluegreen changes is the datum, twice, the weights, and the clusters of '# idle'.
            version_info: "\(datum)"
            resources:
              - "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
                name: \(plan.service)
                virtual_hosts:
                  - name: \(plan.service)
                    domains: ["*"]
                    routes:
                      # `switch: {preview: {header: X-Canary, equals: "1"}}` lets testers reach idle:
                      # - match:
                      #     prefix: /
                      #     headers: [{ name: x-canary, string_match: { exact: "1" } }]
                      #   route: { cluster: \(plan.service)_green, timeout: 0s }  # idle
                      - name: "\(datum)"
                        match: { prefix: / }
                        route:
                          timeout: 0s
                          weighted_clusters:
                            clusters:
                              - { name: \(plan.service)_blue, weight: 100 }
                              - { name: \(plan.service)_green, weight: 0 }

            """
    }

    var pipeline: String {
        """
        router:
          envoy:
            routes: \(path)
            admin: http://127.0.0.1:\(admin)
            name: \(plan.service)

        """
    }
}

extension EnvoyRouter: ConfigurableRouter {
    package static func startingPoint(_ plan: StartingPlan) -> StartingPoint {
        let snippet = EnvoySnippet(plan: plan)
        return StartingPoint(
            files: [
                .init(path: "/etc/envoy/envoy.yaml", text: snippet.configuration),
                .init(path: snippet.path, text: snippet.routes),
            ],
            // Debian has no package of it that would have made that one.
            folders: [snippet.folder, "/etc/envoy"],
            loading: ["start Envoy: envoy -c /etc/envoy/envoy.yaml"],
            pipeline: snippet.pipeline)
    }
}
