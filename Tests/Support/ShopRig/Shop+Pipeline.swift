import PipelineModel

extension Shop {
    package static let pipeline = """
        apiVersion: bluegreen/v1
        service: shop

        colors:
          blue:
            url: http://127.0.0.1:8081
          green:
            url: http://127.0.0.1:8082

        router:
          haproxy:
            socket: /run/haproxy/admin.sock
            map: /etc/haproxy/bluegreen.map
            key: shop

        public:
          url: http://127.0.0.1:8080/version
          identity:
            header: X-Color

        deploy:
          - name: start
            run: ["./start", "${color}", "${version}"]

        checks:
          - name: healthy
            http: /healthz
            interval: 1s
            consecutive: 3
            timeout: 60s

        bake:
          for: 12s
          metrics:
            - name: errors
              router: errorRate
              pass: "< 1%"
            - name: p95
              probe: p95
              pass: "< 300ms"

        retire:
          after: 1h
          steps:
            - name: stop
              run: ["./stop", "${color}"]

        """

    /// The same behind nginx; `more` are further lines of its section.
    package static func slotPipeline(_ more: String = "") -> String {
        pipeline.replacing(
            """
              haproxy:
                socket: /run/haproxy/admin.sock
                map: /etc/haproxy/bluegreen.map
                key: shop
            """, with: "  nginx:\n    slot: /var/lib/bluegreen/shop\(more)"
        ).replacing("router: errorRate", with: "probe: errorRate")
    }

    /// The same behind HAProxy's register.
    package static let registerPipeline = pipeline.replacing(
        "    map: /etc/haproxy/bluegreen.map\n    key: shop\n",
        with: """
                key: shop
                register:
                  variable: shop
                  socket: \(FakeProduction.registerSocket)
                  file: \(FakeProduction.registerFile)

            """)

    /// The same behind one HAProxy of each name; `more` are the lines after them.
    package static func fleetPipeline(_ names: [String], _ more: String = "") -> String {
        let routers = names.map { name in
            """
              \(name):
                haproxy:
                  socket: \(FakeProduction.socket(name))
                  map: \(FakeProduction.mapFile(name))
                  key: shop

            """
        }
        return pipeline.replacing(
            """
            router:
              haproxy:
                socket: /run/haproxy/admin.sock
                map: /etc/haproxy/bluegreen.map
                key: shop

            """, with: "routers:\n\(routers.joined())\n\(more)\n")
    }

    package static let canary = """
        switch:
          canary:
            - weight: 5%
              for: 3s
            - weight: 25%
              for: 3s

        """

    /// A shop on which 2.7 and then, a day later, 2.8 were deployed: blue is live with 2.8.
    package static func running() -> Shop { Shop(copying: calm) }

    /// Deploys a release to green that is bad once it has traffic.
    package func deployBad(_ version: String) -> Screen {
        production.change { $0.onSwitch[.green] = { $0.environments[.green]?.requests += 1 } }
        return type("deploy", version, after: .seconds(9)) { [production] _ in
            production.change { $0.environments[.green]?.status = 500 }
        }
    }

    private static let calm = settled(Shop())

    /// The same behind HAProxy's register.
    package static func runningOnRegister() -> Shop { Shop(copying: calmOnRegister) }

    private static let calmOnRegister: Shop = {
        let shop = Shop(pipeline: registerPipeline)
        shop.production.addRegister()
        return settled(shop)
    }()

    /// The same behind two HAProxys.
    package static func runningFleet() -> Shop { Shop(copying: calmFleet) }

    private static let calmFleet: Shop = {
        let shop = Shop(pipeline: fleetPipeline(["lb-1", "lb-2"]))
        shop.production.addFleet("lb-1", "lb-2")
        return settled(shop)
    }()

    private static func settled(_ shop: Shop) -> Shop {
        shop.type("deploy", "2.7")
        shop.wait(.seconds(86_400))
        shop.type("deploy", "2.8")
        shop.wait(.seconds(600))
        return shop
    }
}
