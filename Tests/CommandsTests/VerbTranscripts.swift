import Contracts
import PipelineModel
import RunEngine
import ShopRig
import TestWorld
import Testing

@testable import Commands

/// What the other verbs, help and mistakes at the keyboard look like.
@Suite struct VerbTranscripts {
    @Test func `help, version and mistakes at the keyboard`() throws {
        let shop = Shop()
        shop.type("--version")
        shop.type("--help")
        shop.type()
        shop.type("help", "rollback")
        shop.type("deploy", "--help")
        shop.type("depoly")
        shop.type("frobnicate")
        shop.type("-o", "json", "status", "--stage", "eu")
        shop.type("-x")
        shop.type("statsu", "-o", "json")
        shop.type("deploy", "2.8", "--timeout", "soon", "-o", "json")
        shop.type("deploy", "2.8", "--skip-check", "healthy", "-o", "json")
        shop.type("deploy", "2.8", "--timeout", "soon")
        shop.type("deploy", "2.8", "--skip-check", "healthy")
        shop.type("deploy", "2.8", "--skip-check", "helthy", "--reason", "known flaky")
        shop.type("deploy", "-rf")
        shop.type("deploy", "2.8; rm -rf /")
        try shop.expectTranscript("help")
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `completions are printed on stdout`(shell: String) {
        let screen = Shop().type("--generate-completion-script", shell)
        #expect(screen.status == 0)
        #expect(screen.output.contains("rollback"))
        #expect(screen.error.isEmpty)
    }

    @Test func `a first pipeline is written and valid`() throws {
        let shop = Shop(pipeline: nil)
        shop.type("status")
        shop.type("deploy", "1.0")
        shop.type("init")
        shop.type("init")
        shop.type("init", "--router", "ngnix")
        shop.type("validate")
        shop.type("proxy", "--detach")
        shop.files["bluegreen.yaml"] = nil
        shop.type("init", "--router", "haproxy")
        shop.type("validate")
        try shop.expectTranscript("init")
    }

    @Test(arguments: ["apache", "caddy", "envoy", "haproxy", "nginx", "traefik"])
    func `the first pipeline of every router is valid`(router: String) {
        let shop = Shop(pipeline: nil)
        #expect(shop.type("init", "--router", router).status == 0)
        #expect(shop.type("validate").status == 0)
    }

    @Test(arguments: [("haproxy", 78), ("embedded", 0)])
    func `only a router that can close tunnels is asked to after a rollback`(
        router: String, status: Int32
    ) {
        let shop = Shop(pipeline: nil)
        shop.type("init", "--router", router)
        let pipeline = shop.read("bluegreen.yaml")
        shop.write("bluegreen.yaml", pipeline + "switch: {drain: {onRollback: close}}\n")
        let screen = shop.type("validate")
        #expect(screen.status == status, "\(screen.error)")
        #expect(
            screen.error.contains("haproxy cannot close the tunnels to one colour")
                == (status == 78))
    }

    @Test(arguments: [
        ("symlink", "probe: errorRate", "router: errorRate", "measure it with `probe:`"),
        ("haproxy", "probe: p95", "router: p95", "with `probe:` instead"),
        ("nginx", "    accessLog: ", "    # ", "docs/routers/nginx.md says with which setting"),
    ])
    func `a router that does not count is no source of metrics`(
        router: String, line: String, replacement: String, hint: String
    ) {
        let shop = Shop(pipeline: nil)
        shop.type("init", "--router", router)
        let pipeline = shop.read("bluegreen.yaml").replacing(line, with: replacement)
        shop.write("bluegreen.yaml", pipeline)
        let screen = shop.type("validate")
        #expect(screen.status == 78)
        #expect(screen.error.contains("\(router) does not count "))
        #expect(screen.error.contains(hint), "\(screen.error)")
    }

    @Test func `percentiles of nginx come from its access log`() {
        let shop = Shop(pipeline: nil)
        shop.type("init", "--router", "nginx")
        let pipeline = shop.read("bluegreen.yaml").replacing("probe: p95", with: "router: p95")
        shop.write("bluegreen.yaml", pipeline)
        let screen = shop.type("validate")
        #expect(screen.status == 0, "\(screen.error)")
    }

    @Test func `every mistake of a pipeline is shown at once`() throws {
        let shop = Shop(
            pipeline: """
                apiVersion: bluegreen/v1
                service: shop
                colors:
                  blue:
                    url: http://127.0.0.1:8081
                router:
                  haprxy:
                    socket: /run/haproxy/admin.sock
                checks:
                  - name: healthy
                    http: /healthz
                    intervall: 1s
                    timeout: soon
                gate:
                  approvals: 1

                """)
        shop.type("validate")
        shop.type("deploy", "2.8")
        shop.type("validate", "-o", "json")
        shop.write("bluegreen.yaml", Shop.pipeline)
        shop.type("validate")
        shop.type("lint", "-q")
        try shop.expectTranscript("validate")
    }

    @Test func `retire asks, waits for its time and ends the way back`() throws {
        let shop = Shop.running()
        shop.type("retire")
        shop.type("retire", "--now")
        shop.wait(.seconds(3600))
        shop.production.change { $0.environments[.green]?.inFlight = 2 }
        shop.type("retire")
        shop.production.change { $0.environments[.green]?.inFlight = 0 }
        shop.type("retire", "--dry-run")
        shop.answer("n")
        shop.type("retire")
        shop.answer("y")
        shop.type("retire")
        shop.type("retire", "-y")
        shop.type("rollback")
        shop.type("status")
        try shop.expectTranscript("retire")
    }

    @Test func `retire without steps says that nothing was stopped`() throws {
        let shop = Shop.running()
        let steps = Shop.pipeline.firstRange(of: "  steps:\n").map { $0.lowerBound }
        shop.write("bluegreen.yaml", String(Shop.pipeline[..<(try #require(steps))]))
        shop.wait(.seconds(3600))
        shop.type("retire", "--dry-run")
        shop.answer("y")
        shop.type("retire")
        shop.type("status")
        try shop.expectTranscript("retire-nothing-to-stop")
    }

    @Test func `the schema is printed, and its reference`() throws {
        let shop = Shop()
        shop.type("schema")
        shop.type("schema", "--reference")
        try shop.expectTranscript("schema", keepingLinesOfEach: 12)
    }

    @Test func `the schema is a JSON document`() {
        let screen = Shop().type("schema")
        #expect(screen.status == 0)
        #expect((try? JSON(parsing: Array(screen.output.utf8))) != nil)
        #expect(Shop().type("schema", "--reference").output.contains("haproxy"))
    }
}
