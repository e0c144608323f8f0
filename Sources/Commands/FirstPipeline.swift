import Routers

/// The text of a first pipeline: small, commented, valid.
struct FirstPipeline {
    /// What is deployed.
    enum Application {
        /// The program that `init` writes beside the pipeline.
        case example
        /// A place to fill in.
        case own
        /// Files, in a folder for each colour in this one; no program answers.
        case files(String)
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
          url: http://\(plan.reachable)\(identity)

        \(deploy)
        checks:                       # asked of idle before it may receive traffic
          - name: healthy
            http: \(healthPath)
            consecutive: 3
            timeout: 60s

        \(bake)
        retire:
          after: 1h                   # until then the old colour stays the way back
        \(retireSteps)
        """
    }

    private var identity: String {
        switch application {
        case .example, .own:
            """
            /version
              identity:
                header: X-Color           # the application answers with its own colour
            """
        case .files:
            """
            /color.txt
              identity:
                body: ${color}            # the file says which folder it is in
            """
        }
    }

    private var healthPath: String {
        switch application {
        case .example, .own: "/healthz"
        case .files: "/color.txt"
        }
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
        case .files(let folder):
            """
            deploy:                       # to the idle folder; replace this by your own steps
              - name: copy the new release
                run: ["rsync", "-a", "--delete", "dist/", "\(folder)/${color}/"]
                timeout: 5m
              - name: name its colour
                run: 'echo "$BLUEGREEN_COLOR" > "\(folder)/$BLUEGREEN_COLOR/color.txt"'

            """
        }
    }

    private var bake: String {
        let length = isExample ? "5s " : "5m "
        return """
            bake:                         # watched after the switch; goes back by itself
              for: \(length)                    # minutes, where real users come
              metrics:
                - name: errors
                  \(errors): errorRate
                  pass: "< 1%"
            \(ownErrors)    - name: p95
                  probe: p95
                  pass: "< 500ms"

            """
    }

    /// Where the router counts, that is what users get: our own requests are judged beside them.
    private var ownErrors: String {
        guard errors != "probe" else { return "" }
        return """
                - name: answers             # to its own requests, also where nobody else comes
                  probe: errorRate
                  pass: "< 1%"

            """
    }

    private var isExample: Bool {
        switch application {
        case .example: true
        case .own, .files: false
        }
    }

    private var retireSteps: String {
        switch application {
        case .example, .files: ""
        case .own:
            """
              steps:
                - run: ["docker", "compose", "-p", "\(plan.service)-${color}", "stop"]

            """
        }
    }
}
