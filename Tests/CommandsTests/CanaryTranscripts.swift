import Contracts
import PipelineModel
import RunEngine
import ShopRig
import Testing

@testable import Commands

/// What people see of a canary.
@Suite struct CanaryTranscripts {
    private static func shop() -> Shop {
        let shop = Shop.running()
        shop.write("bluegreen.yaml", Shop.pipeline + Shop.canary)
        return shop
    }

    /// Run 3 has given green 5%, and watches it.
    private static func watched(isAlive: Bool) -> Shop {
        let shop = shop()
        let token = Token(epoch: 3, round: 2)
        var intent = Trouble.intent(.green, token)
        intent.datum = Datum(live: .blue, idlePercent: 5, token: token)
        _ = shop.begin(
            Trouble.plan(), Trouble.ready + [.canaryIntended(intent)], isAlive: isAlive)
        shop.production.setValue("blue:green:5:194")
        return shop
    }

    @Test func `the bars of a bake began with those of its canary`() {
        let done = Self.shop().type("deploy", "2.9")
        let first = done.error.split(separator: "\n").first { $0.contains(" bake: p95 ") }
        #expect(first?.count { $0 == "▁" } == 1, "\(done)")
    }

    @Test func `shares come before the switch`() throws {
        let shop = Self.shop()
        shop.type("plan", "2.9")
        let done = shop.type("deploy", "2.9")
        #expect(done.status == 0)
        #expect(shop.production.value?.hasPrefix("green:blue:0:") == true)
        try shop.expectTranscript("canary")
    }

    @Test(arguments: [("plan 2.9", 10), ("deploy 2.9", 10), ("switch", 10), ("doctor", 10)])
    func `a map of plain colours is named before a canary begins`(words: String, status: Int32) {
        let shop = Self.shop()
        shop.production.setValue("blue")
        shop.type("adopt", "--reason", "a plain map")
        let screen = shop.type(words.split(separator: " ").map(String.init))
        let all = screen.output + screen.error
        #expect(screen.status == status, "\(all)")
        #expect(all.contains("holds a plain colour: it has no share"), "\(all)")
        #expect(all.contains("next: Give it the value 'blue:green:0:0'"), "\(all)")
        #expect(shop.production.value == "blue")
        #expect(shop.type("deploy", "2.9", "--until", "ready").status == 0)
    }

    @Test func `a release that is bad under its share goes back`() throws {
        let shop = Self.shop()
        shop.production.change { $0.environments[.blue]?.requests += 1 }
        let done = shop.type("deploy", "2.9", after: .seconds(7)) {
            [production = shop.production] _ in
            production.change { $0.environments[.green]?.status = 500 }
        }
        shop.type("status")
        #expect(done.status == 11)
        #expect(shop.production.value?.hasPrefix("blue:-:0:") == true)
        try shop.expectTranscript("canary-fails")
    }

    @Test func `a share that is watched is no trouble, and holds the service`() throws {
        let shop = Self.watched(isAlive: true)
        #expect(shop.type("status").status == 0)
        #expect(shop.type("status", "-q").output == "blue\n")
        #expect(shop.type("deploy", "3.0").status == 30)
        #expect(shop.type("abort").status == 32)
        #expect(shop.type("wait", "--for", "green", "--timeout", "3s").status == 124)
        #expect(shop.type("rollback").status == 0)
        #expect(shop.production.value?.hasPrefix("blue:-:0:") == true)
        try shop.expectTranscript("canary-under-way")
    }

    @Test func `a share that nobody watches is a page, and resume takes it back`() throws {
        let shop = Self.watched(isAlive: false)
        #expect(shop.type("status").status == 20)
        #expect(shop.type("deploy", "3.0").status == 33)
        #expect(shop.type("adopt").status != 0)
        #expect(shop.type("resume").status == 0)
        #expect(shop.production.value?.hasPrefix("blue:-:0:") == true)
        #expect(shop.type("status").status == 0)
        try shop.expectTranscript("canary-orphaned")
    }

    @Test func `a watch was silent beside a share that nobody watches`() {
        let shop = Self.watched(isAlive: false)
        let screen = shop.type("watch", "--once")
        #expect(screen.status == 0)
        #expect(
            screen.error.contains(
                "left to a person: A canary of green, with 5% of the requests, was begun and never"
                    + " finished. Next: bluegreen resume"), "\(screen.error)")
        #expect(shop.type("watch", "--once", "-q").error.isEmpty)
        let loop = shop.type("watch", after: .seconds(60)) { $0.ask(.signal(2)) }
        #expect(loop.error.ranges(of: "left to a person").count == 1, "\(loop.error)")
        #expect(shop.type("resume").status == 0)
        #expect(shop.type("watch", "--once").error.isEmpty)
    }

    @Test func `another share than the one that is watched is a page`() {
        let shop = Self.watched(isAlive: true)
        let value = shop.production.value ?? ""
        shop.production.setValue(value.replacing(":5:", with: ":95:"))
        shop.production.persist(value.replacing(":5:", with: ":95:"))
        #expect(shop.production.value != value)
        #expect(shop.type("status").status == 20)
    }

    @Test func `a share that no run gave is told, and rollback takes it back`() throws {
        let shop = Shop.running()
        shop.production.setValue("blue:green:30:130")
        #expect(shop.type("status").status == 20)
        #expect(shop.type("deploy", "3.0").status == 33)
        #expect(shop.type("rollback", "--to", "blue").status == 0)
        #expect(shop.type("status").status == 0)
        try shop.expectTranscript("canary-stray")
    }

    /// The shop with another router, and no metric that only HAProxy has.
    private static func pipeline(_ router: String) -> String {
        Shop.pipeline
            .replacing("router: errorRate", with: "probe: errorRate")
            .replacing("  haproxy:", with: "  \(router)")
            .replacing("    socket: /run/haproxy/admin.sock\n", with: "")
            .replacing("    map: /etc/haproxy/bluegreen.map\n", with: "")
            .replacing("    key: shop\n", with: "")
    }

    private static let register =
        "haproxy: {socket: /run/a.sock, key: shop,"
        + " register: {variable: shop, socket: /run/b.sock, file: /etc/haproxy/shop.cfg}}"

    @Test(
        arguments: [
            "nginx: {slot: /var/lib/bluegreen/shop}", "caddy: {slot: /var/lib/bluegreen/shop}",
            "apache: {map: /var/lib/bluegreen/shop/live.map}",
            "symlink: {link: /var/www/shop/current}",
            #"exec: {read: [traffic, read], switch: [traffic, switch, "${datum}"], class: S}"#,
            #"http: {read: {url: "http://lb:9/shop"}, switch: {url: "http://lb:9/shop"}, class: S}"#,
        ],
        [
            ("canary: [{weight: 5%, for: 30s}]", "cannot send a share"),
            ("preview: {header: X-Canary, equals: '1'}", "no way in for testers"),
        ])
    func `validate refuses what the router cannot do`(
        _ router: String, _ setting: (text: String, words: String)
    ) {
        let pipeline = Self.pipeline(router)
        let screen = Shop(pipeline: pipeline + "switch:\n  \(setting.text)\n").type("validate")
        #expect(screen.status == 78)
        #expect((screen.output + screen.error).contains(setting.words))
        #expect(Shop(pipeline: pipeline).type("validate").status == 0)
        let able = Shop(pipeline: Shop.pipeline + "switch:\n  \(setting.text)\n")
        #expect(able.type("validate").status == 0)
    }

    @Test func `validate refuses a share of a register, and lets its testers in`() {
        let pipeline = Self.pipeline(Self.register) + "switch:\n  "
        let canary = Shop(pipeline: pipeline + "canary: [{weight: 5%, for: 30s}]\n")
        let screen = canary.type("validate")
        #expect(screen.status == 78)
        #expect((screen.output + screen.error).contains("haproxy cannot send a share"))
        let preview = Shop(pipeline: pipeline + "preview: {header: X-Canary, equals: '1'}\n")
        #expect(preview.type("validate").status == 0)
    }

    @Test(arguments: [
        ("exec", #"exec: {switch: [traffic, switch, "${datum}"], class: S}"#),
        ("http", #"http: {switch: {url: "http://lb:9/shop"}, class: S}"#),
    ])
    func `validate says that what is live must be readable`(kind: String, router: String) {
        let screen = Shop(pipeline: Self.pipeline(router)).type("validate")
        #expect(screen.status == 78)
        #expect((screen.output + screen.error).contains("'\(kind)' needs 'read'"))
    }
}
