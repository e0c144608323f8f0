import Routers

/// The text of a first pipeline: small, commented, valid.
struct FirstPipeline {
    /// What is deployed.
    enum Application {
        /// The program that `init` writes beside the pipeline.
        case example
        /// A place to fill in.
        case own
    }

    let plan: StartingPlan
    /// The `router:` section.
    let router: String
    /// The metric that tells the share of errors.
    let errors: String
    let application: Application

    var text: String {
        """
        apiVersion: bluegreen/v1
        service: \(plan.service)

        colors:                       # each environment, reached directly
          blue:
            url: http://\(plan.blue)
          green:
            url: http://\(plan.green)

        \(router)
        public:                       # a switch is proven here, from the user's side
          url: http://\(plan.reachable)/version
          identity:
            header: X-Color           # the application answers with its own colour

        \(deploy)
        checks:                       # asked of idle before it may receive traffic
          - name: healthy
            http: /healthz
            consecutive: 3
            timeout: 60s

        \(bake)
        retire:
          after: 1h                   # until then the old colour stays the way back
        \(retireSteps)
        """
    }

    private var deploy: String {
        switch application {
        case .example:
            """
            deploy:                       # to the idle colour; replace this by your own program
              - name: app
                process: ["python3", "app.py"]
                ready: /healthz
                timeout: 30s

            """
        case .own:
            """
            deploy:                       # to the idle colour; replace this by your own steps
              - name: start the new release
                run: ["docker", "compose", "-p", "\(plan.service)-${color}", "up", "-d", "--wait"]
                env:
                  VERSION: ${version}
                timeout: 5m

            """
        }
    }

    private var bake: String {
        let length = application == .example ? "5s " : "5m "
        return """
            bake:                         # watched after the switch; goes back by itself
              for: \(length)                    # minutes, where real users come
              metrics:
                - name: errors
                  \(errors): errorRate
                  pass: "< 1%"
                - name: p95
                  probe: p95
                  pass: "< 500ms"

            """
    }

    private var retireSteps: String {
        switch application {
        case .example: ""
        case .own:
            """
              steps:
                - run: ["docker", "compose", "-p", "\(plan.service)-${color}", "stop"]

            """
        }
    }
}
