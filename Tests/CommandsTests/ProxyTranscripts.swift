import Contracts
import PipelineModel
import RunEngine
import ShopRig
import Testing

@testable import Commands

/// What a person sees of the embedded proxy.
@Suite struct ProxyTranscripts {
    private static let router = """
        router:
          embedded:
            listen: 127.0.0.1:8080
        """

    private static func pipeline(_ router: String, blue: String = "http://127.0.0.1:8081") -> String
    {
        """
        apiVersion: bluegreen/v1
        service: shop
        colors:
          blue:
            url: \(blue)
          green:
            url: http://127.0.0.1:8082
        \(router)
        public:
          url: http://127.0.0.1:8080/version
          identity:
            header: X-Color

        """
    }

    @Test func `the proxy is started once, shown and stopped`() throws {
        let shop = Shop(pipeline: Self.pipeline(Self.router))
        shop.type("proxy", "--stop")
        shop.type("status")
        shop.type("proxy", "--detach")
        shop.type("proxy", "--detach")
        shop.type("proxy")
        shop.type("proxy", "--detach", "-o", "json")
        shop.type("proxy", "--stop")
        shop.note("in the foreground, until Ctrl-C")
        shop.type("proxy", after: .seconds(3), then: { $0.ask(.signal(2)) })
        try shop.expectTranscript("proxy")
    }

    @Test func `what keeps the proxy from starting is said`() throws {
        let shop = Shop()
        shop.type("proxy", "--detach", "--stop")
        shop.type("proxy")
        shop.write("bluegreen.yaml", Self.pipeline("router:\n  embedded:\n    lisen: 1"))
        shop.type("proxy")
        shop.write("bluegreen.yaml", Self.pipeline(Self.router, blue: "https://shop/base"))
        shop.type("proxy")
        shop.write("bluegreen.yaml", Self.pipeline(Self.router))
        shop.production.change {
            $0.proxyFate = .dies
            $0.proxyWords = """
                one
                error: The proxy cannot listen.
                  address already in use
                  production: not touched by this command
                  next: Is another process listening on the same address?

                """
        }
        shop.write(".bluegreen/proxy-8080/log", "error: The one of yesterday.\n")
        shop.type("proxy", "--detach")
        shop.production.change { $0.proxyFate = .hangs }
        shop.type("proxy", "--detach")
        try shop.expectTranscript("proxy-not-started")
        #expect(shop.production.ended.last == 6002)
    }

    @Test func `a proxy whose folder was deleted is named by every verb`() throws {
        let shop = Shop(pipeline: Self.pipeline(Self.router))
        shop.production.change {
            $0.strangers[8080] = ProcessName(pid: 7260, program: "bluegreen")
            $0.proxyFate = .dies
        }
        shop.type("status")
        shop.type("doctor")
        shop.type("deploy", "1.0")
        shop.type("proxy", "--detach")
        shop.type("proxy", "--stop")
        shop.note("not ours")
        shop.production.change {
            $0.strangers[8080] = ProcessName(pid: 99, program: "nginx")
        }
        shop.type("proxy", "--detach")
        try shop.expectTranscript("proxy-port-taken")
    }

    @Test func `a mistake elsewhere in the pipeline keeps no proxy from starting`() {
        let shop = Shop(pipeline: Self.pipeline(Self.router) + "checks: nonsense\n")
        #expect(shop.type("validate").status == 78)
        #expect(shop.type("proxy", "--detach").status == 0)
    }

    @Test func `the proxy in the background reads the same pipeline`() {
        let shop = Shop(
            pipeline: Self.pipeline(
                Self.router, blue: "http://${env.BLUE_HOST}:${var.port}"),
            environment: ["BLUE_HOST": "127.0.0.1", "SECRET": "s3cret", "PATH": "/usr/bin"])
        let screen = shop.type("proxy", "--detach", "--var", "port=8081", "--stage", "a")
        #expect(screen.status == 78, "a stage that is not there is no pipeline")
        #expect(shop.type("proxy", "--detach", "--var", "port=8081").status == 0)
        #expect(
            shop.production.started.last == ["bluegreen", "proxy", "--var", "port=8081"])
        #expect(
            shop.production.childEnvironment == ["BLUE_HOST": "127.0.0.1", "PATH": "/usr/bin"])
    }
}
