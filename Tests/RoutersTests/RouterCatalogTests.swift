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

    @Test func `what is switched by a file counts nothing`() {
        #expect(RouterCatalog.metrics(of: "apache") == [])
        #expect(RouterCatalog.metrics(of: "nginx") == [])
        #expect(RouterCatalog.metrics(of: "caddy") == [])
    }
}
