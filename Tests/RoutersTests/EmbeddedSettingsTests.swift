import Contracts
import PipelineModel
import Testing

@testable import Routers

@Suite struct EmbeddedSettingsTests {
    private func plan(_ settings: Settings, file: String = "bluegreen.yaml") -> ProxyPlan? {
        EmbeddedSettings(settings.section(file: file))?.plan
    }

    @Test func `nothing has to be set`() {
        let plan = plan([:])
        #expect(plan?.listen == NetworkAddress(host: "127.0.0.1", port: 8080))
        #expect(plan?.admin == ".bluegreen/proxy-8080/admin.sock")
        #expect(plan?.folder == ".bluegreen/proxy-8080")
        #expect(plan?.preview == nil)
        #expect(plan?.metrics == nil)
        #expect(plan?.writesAccessLog == false)
        #expect(plan?.showsLive == false)
        #expect(plan?.trustedPeers == [])
    }

    @Test func `two stages on two ports never meet`() {
        let other = plan(["listen": "[::1]:9090"])
        #expect(other?.listen.host == "::1")
        #expect(other?.admin == ".bluegreen/proxy-9090/admin.sock")
    }

    @Test func `relative paths start beside the pipeline file`() {
        #expect(
            plan([:], file: "../shop/bluegreen.yaml")?.admin
                == "../shop/.bluegreen/proxy-8080/admin.sock")
        #expect(plan(["admin": "a.sock"], file: "/srv/b.yaml")?.admin == "/srv/a.sock")
        #expect(plan(["admin": "/run/a.sock"], file: "/srv/b.yaml")?.admin == "/run/a.sock")
    }

    @Test func `limits and switches are read`() {
        let plan = plan([
            "preview": "127.0.0.1:8079", "metrics": "127.0.0.1:9901", "trust": "10.0.0.1",
            "accessLog": "true", "showLive": "true",
            "limits": ["body": "1MB", "connectionsPerPeer": "10", "response": "5s"],
        ])
        #expect(plan?.preview?.port == 8079)
        #expect(plan?.metrics?.port == 9901)
        #expect(plan?.trustedPeers == ["10.0.0.1"])
        #expect(plan?.writesAccessLog == true)
        #expect(plan?.showsLive == true)
        #expect(plan?.limits.body == 1 << 20)
        #expect(plan?.limits.connectionsPerPeer == 10)
        #expect(plan?.limits.connections == nil)
        #expect(plan?.limits.response == .seconds(5))
    }

    @Test(
        arguments: [
            ["listen": "8080"], ["listen": "127.0.0.1:0"], ["preview": "localhost"],
            ["metrics": "127.0.0.1:99999"], ["admin": "/a b"],
        ] as [Settings])
    func `a mistake is reported and no router is made`(settings: Settings) {
        let report = Report()
        let router = EmbeddedRouter(settings.section(report), world: RouterWorld.world())
        #expect(router == nil)
        #expect(report.hasErrors)
    }

    @Test(arguments: ["idle", "connect", "response"])
    func `a limit of no time at all, which every request would pass, is a mistake`(key: String) {
        let report = Report()
        let settings: Settings = ["limits": [key: "0s"]]
        _ = EmbeddedSettings(settings.section(report))
        #expect(report.diagnostics.map(\.message) == ["'\(key)' must be longer than nothing"])
    }

    @Test func `a path that is too long for a socket is a mistake`() {
        let report = Report()
        let folder = String(repeating: "x", count: 90)
        let settings: Settings = [:]
        #expect(EmbeddedSettings(settings.section(report, file: "/\(folder)/b.yaml")) == nil)
        #expect(report.diagnostics.first?.hint?.contains("admin: /run") == true)
    }
}
