import Contracts
import PipelineModel
import Testing

@testable import Routers

@Suite struct RouterCatalogTests {
    @Test func `the kinds are sorted and unique`() {
        let kinds = RouterCatalog.all.map { $0.kind }
        #expect(kinds == Set(kinds).sorted())
        let described = RouterCatalog.descriptions.map(\.kind)
        #expect(described.count == Set(described).count)
    }

    @Test func `a router is made from its kind and its section`() {
        let settings: Settings = ["socket": "/run/a.sock", "map": "m", "key": "shop"]
        let router = RouterCatalog.router(
            "haproxy", settings.section(), world: RouterWorld.world())
        #expect(router is HAProxyRouter)
        #expect(router?.address == "/run/a.sock")
    }

    @Test func `an unknown kind is reported with the known ones`() {
        let report = Report()
        let settings: Settings = [:]
        #expect(
            RouterCatalog.router("haprxy", settings.section(report), world: RouterWorld.world())
                == nil)
        #expect(
            report.diagnostics.map(\.hint) == [
                "known: apache, caddy, embedded, envoy, exec, haproxy, http, nginx, symlink, traefik"
            ])
    }

    @Test(arguments: ["embedded", "haproxy"])
    func `a proxy counts three things`(kind: String) {
        #expect(
            RouterCatalog.metrics(of: kind) == [.errorRate, .requestRate, .averageResponseTime])
        #expect(RouterCatalog.metrics(of: "nobody") == [])
    }

    @Test func `nginx counts percentiles too, where its log is named`() throws {
        #expect(RouterCatalog.metrics(of: "nginx") == RouterMetricName.allCases)
        let settings: Settings = ["slot": "/srv/shop", "accessLog": "/var/log/nginx/shop.log"]
        let world = RouterWorld.world()
        let counting = NginxRouter(settings.section(), world: world)
        #expect(try #require(counting).meter != nil)
        let silent = NginxRouter(settings.removing(["accessLog"]).section(), world: world)
        #expect(try #require(silent).meter == nil)
    }

    @Test func `what is switched by a slot file alone counts nothing`() {
        #expect(RouterCatalog.metrics(of: "apache") == [])
        #expect(RouterCatalog.metrics(of: "caddy") == [])
    }
}
