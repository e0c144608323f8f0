import TrafficRig

/// A `bluegreen.yaml` for a shop, in parts that a test replaces.
struct PipelineText {
    var service = "shop"
    /// The runtime API that the program talks to; nil: HAProxy's own.
    var socket: String?
    /// The frontend of the register; nil: HAProxy's own.
    var control: String?
    /// The colours; nil: the shop's.
    var blue: String?
    var release = ""
    var deploy = Self.release()
    var checks = Self.check
    var bake = ""
    /// Whatever else, at the left margin.
    var more = ""

    static let check = """
        checks:
          - name: healthy
            http: /healthz
            interval: 50ms
            consecutive: 2
            timeout: 2s
        """

    /// The router counts the errors of real requests.
    static func bake(
        _ length: String, interval: String = "500ms", minimum: Int = 10,
        metric: String = "router: errorRate", pass: String = #""< 5%""#
    ) -> String {
        """
        bake:
          for: \(length)
          interval: \(interval)
          minSamples: \(minimum)
          metrics:
            - name: quality
              \(metric)
              pass: \(pass)
              failWhen: 3 of 5
        """
    }

    /// Deploying means: the backend that runs on this colour turns into the new release.
    static func release(errors: Int = 0, latency: Int = 0) -> String {
        let body = #"{\"version\":\"${version}\",\"errors\":\#(errors),\"latency\":\#(latency)}"#
        return """
            deploy:
              - name: start
                run: ["curl", "-fsS", "--max-time", "5", "-d", "\(body)", "${url}/control"]
            """
    }

    /// A step that writes its process id to `step.pid` and goes on for a minute.
    static let endlessDeploy = """
        deploy:
          - name: endless
            run: "echo $$ > step.pid.new; mv step.pid.new step.pid; exec sleep 60"
        """

    /// `router` is its section, indented by four.
    func text(for production: some Production, router: String) -> String {
        """
        apiVersion: bluegreen/v1
        service: \(service)
        colors:
          blue:
            url: \(blue ?? production.blue.url)
          green:
            url: \(production.green.url)
        router:
        \(router)
        public:
          url: \(production.url)/version
          identity:
            header: X-Color
        \(release)
        \(deploy)
        \(checks)
        \(bake)
        \(more)

        """
    }

    /// `routers` are the sections of `lb-1`, `lb-2`..., each indented as one alone would be.
    func text(
        for production: some Production, routers: [String], quorum: Int? = nil
    ) -> String {
        let named = routers.enumerated().map { index, section in
            let lines = section.split(separator: "\n").map { "  \($0)" }
            return (["  lb-\(index + 1):"] + lines).joined(separator: "\n")
        }
        let rule = quorum.map { "\nfleet: {require: {quorum: \($0)}}" } ?? ""
        return text(for: production, router: named.joined(separator: "\n") + rule)
            .replacing("router:\n", with: "routers:\n")
    }

    /// The same, for a program that talks to `gates`.
    func through(_ gates: HAProxyGates) -> PipelineText {
        var copy = self
        copy.socket = gates.runtime.path
        copy.control = gates.register?.path
        return copy
    }

    func haproxy(
        _ haproxy: HAProxyRig, _ mechanism: HAProxyConfiguration.Mechanism
    ) -> String {
        let datum =
            switch mechanism {
            case .map, .plainMap: "    map: \(haproxy.mapFile)"
            case .register:
                """
                    register:
                      variable: \(HAProxyConfiguration.variable)
                      socket: \(control ?? haproxy.controlSocket)
                      file: \(haproxy.registerFile)
                """
            }
        return """
              haproxy:
                socket: \(socket ?? haproxy.socket)
                master: \(haproxy.masterSocket)
                key: \(HAProxyConfiguration.key)
            \(datum)
            """
    }
}
