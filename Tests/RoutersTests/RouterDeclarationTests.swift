import Contracts
import PipelineModel
import Testing

@testable import Routers

/// What each router says of itself, beside what its row in the manual's table says.
@Suite struct RouterDeclarationTests {
    /// What is expected of one way to move traffic.
    struct Row: Sendable {
        /// How its row in docs/routers/README.md begins.
        let manual: String
        let fencing: Fencing
        var isAtomic: Bool? = true
        var showsDrain = false
        var sharesTraffic = false
        var routesTesters = false
        var metrics: [RouterMetricName] = []
    }

    private static let three: [RouterMetricName] = [
        .errorRate, .requestRate, .averageResponseTime,
    ]
    private static let two: [RouterMetricName] = [.errorRate, .requestRate]

    /// By the name of a rig, without its first word.
    private static let rows: [String: Row] = [
        "embedded proxy": Row(
            manual: "[`embedded`](embedded.md)", fencing: .token, showsDrain: true,
            sharesTraffic: true, routesTesters: true, metrics: three),
        "HAProxy, map": Row(
            manual: "[`haproxy`](haproxy.md), `map`", fencing: .synchronous, showsDrain: true,
            sharesTraffic: true, routesTesters: true, metrics: three),
        "HAProxy, register": Row(
            manual: "[`haproxy`](haproxy.md), `register`", fencing: .token, showsDrain: true,
            routesTesters: true, metrics: three),
        "nginx": Row(
            manual: "[`nginx`](nginx.md)", fencing: .synchronous,
            metrics: RouterMetricName.allCases),
        "nginx by a reload": Row(
            manual: "[`nginx`](nginx.md#by-a-reload-where-nginx-cannot-look-for-a-file), `reload`",
            fencing: .asynchronous, isAtomic: false, metrics: RouterMetricName.allCases),
        "caddy": Row(manual: "[`caddy`](caddy.md)", fencing: .synchronous),
        "caddy by its API": Row(
            manual: "[`caddy`](caddy.md#through-the-admin-api), `api`", fencing: .token,
            isAtomic: false),
        "apache": Row(manual: "[`apache`](apache.md)", fencing: .synchronous),
        "symlink": Row(manual: "[`symlink`](symlink.md)", fencing: .synchronous),
        "traefik": Row(
            manual: "[`traefik`](traefik.md)", fencing: .asynchronous, sharesTraffic: true,
            routesTesters: true, metrics: two),
        "envoy": Row(
            manual: "[`envoy`](envoy.md), `routes`", fencing: .asynchronous, showsDrain: true,
            sharesTraffic: true, routesTesters: true, metrics: two),
        "envoy by a layer": Row(
            manual: "[`envoy`](envoy.md#by-a-layer-of-its-runtime), `runtime`",
            fencing: .asynchronous, showsDrain: true, sharesTraffic: true, routesTesters: true,
            metrics: two),
        "exec, class S": Row(
            manual: "[`exec`](exec.md)", fencing: .synchronous, isAtomic: nil),
        "exec, class T": Row(manual: "[`exec`](exec.md)", fencing: .token, isAtomic: nil),
        "http, class S": Row(
            manual: "[`http`](http.md)", fencing: .synchronous, isAtomic: nil),
        "http, class T": Row(manual: "[`http`](http.md)", fencing: .token, isAtomic: nil),
    ]

    private static func row(of kind: RouterRigKind) throws -> Row {
        let name = kind.name.split(separator: " ", maxSplits: 1).last.map(String.init) ?? ""
        return try #require(rows[name.replacing(", believed", with: "")], "\(name)")
    }

    @Test(arguments: RouterRigKind.all)
    func `a router declares what is expected of it`(_ kind: RouterRigKind) async throws {
        let row = try Self.row(of: kind)
        let router = try await kind.make().router
        #expect(router.fencing == row.fencing)
        let abilities = router.abilities
        #expect(abilities.isAtomic == row.isAtomic)
        #expect(abilities.keepsConnections == row.isAtomic)
        #expect(abilities.showsDrain == row.showsDrain)
        #expect(abilities.sharesTraffic == row.sharesTraffic)
        #expect(abilities.routesTesters == row.routesTesters)
        #expect(RouterCatalog.metrics(of: type(of: router).kind) == row.metrics)
    }

    /// What a proxy has by its own code, or by the file that we write, is sure.
    @Test(arguments: RouterRigKind.all)
    func `an ability that is believed is one that the router has`(
        _ kind: RouterRigKind
    ) async throws {
        let router = try await kind.make().router
        let kindName = type(of: router).kind
        let believed = await router.believed()
        #expect(!believed.contains(.shares) || kind.name.hasSuffix("HAProxy, map"))
        #expect(believed.contains(.shares) || kind.name != "fake HAProxy, map")
        let haveLines = ["envoy", "haproxy", "traefik"]
        #expect(believed.contains(.testers) == haveLines.contains(kindName))
    }

    @Test(arguments: RouterCatalog.all.map { $0.kind })
    func `the catalogue names the kinds that can share, and no others`(kind: String) {
        let rows = Self.rows.filter { $0.value.manual.hasPrefix("[`\(kind)`]") }.values
        let named = RouterCatalog.sharing.split(separator: ", ").contains("`\(kind)`")
        #expect(!rows.isEmpty)
        #expect(named == rows.contains { $0.sharesTraffic })
    }

    @Test(arguments: rows.keys.sorted())
    func `the manual's table says the same`(name: String) throws {
        let row = try #require(Self.rows[name])
        let line = try #require(
            Repository.file("docs/routers/README.md").split(separator: "\n")
                .first { $0.hasPrefix("| \(row.manual) |") }, "\(row.manual)")
        let cells = line.split(separator: "|").map {
            $0.split(separator: " ").joined(separator: " ")
        }
        try #require(cells.count == 7)
        let isDeclared = row.isAtomic == nil
        #expect(cells[2] == (isDeclared ? "as you declare" : row.fencing.rawValue))
        #expect(cells[3] == (isDeclared ? "not known" : row.isAtomic == true ? "yes" : "no"))
        #expect((cells[4] == "stay") == (row.isAtomic == true))
        #expect(cells[6].contains("drain") == row.showsDrain)
        // A fallback may have its row say "the same".
        let counts = cells[6].contains("errors") || cells[6].contains("the same")
        #expect(counts == !row.metrics.isEmpty)
    }

    @Test(arguments: RouterRigKind.all)
    func `a share is refused where the router has none, and nothing has moved`(
        _ kind: RouterRigKind
    ) async throws {
        let rig = try await kind.make()
        guard try !Self.row(of: kind).sharesTraffic else { return }
        let before = try await rig.router.observe()
        let share = Datum(live: .blue, idlePercent: 5, token: Token(epoch: 1, round: 1))
        let result = await rig.router.write(share, expecting: before)
        guard case .notApplied(let failure) = result else {
            Issue.record("a share was written: \(result)")
            return
        }
        #expect(failure.message.contains("no share of the requests"))
        #expect(try await rig.router.observe() == before)
        #expect(try await rig.serves(.blue))
    }
}
