import Contracts
import Foundation
import Testing

@testable import Routers

/// What we tell people to paste must be what we tested.
@Suite struct SlotDocumentationTests {
    private static let plan = StartingPlan(
        service: "shop", listen: "127.0.0.1:8080", blue: "127.0.0.1:8081", green: "127.0.0.1:8082")

    private static let routers = SlotProxyKind.all.map(\.router)

    private static func file(_ path: String) throws -> String {
        let top = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: top.appending(path: path), encoding: .utf8)
    }

    @Test(arguments: routers.map { $0.kind })
    func `the manual and the example show what init writes`(kind: String) throws {
        let router = try #require(Self.routers.first { $0.kind == kind })
        let start = router.startingPoint(Self.plan)
        let manual = try Self.file("docs/routers/\(kind).md")
        let configuration = try #require(start.files.first)
        #expect(manual.contains("```\(kind)\n\(configuration.text)```"))
        #expect(manual.contains(start.pipeline))
        for file in start.files {
            let name = try #require(file.path.split(separator: "/").last)
            #expect(try Self.file("examples/\(kind)/\(name)") == file.text)
            #expect(manual.contains(file.path))
        }
        #expect(try Self.file("examples/\(kind)/bluegreen.yaml").contains(start.pipeline))
    }

    @Test func `a service with any name becomes names that nginx takes`() {
        var plan = Self.plan
        plan.service = "my-shop.2"
        let text = NginxSnippet(plan: plan).configuration
        #expect(text.contains("set $my_shop_2_live blue;"))
        #expect(text.contains("proxy_pass http://my-shop.2_$my_shop_2_live;"))
        #expect(text.contains("if (-f /var/lib/bluegreen/my-shop.2/green)"))
    }

    @Test(arguments: [
        ("127.0.0.1:8080", "http://:8080 {\n\tbind 127.0.0.1\n"), ("*:80", "http://:80 {\n\t#"),
        ("[::]:80", "http://:80 {\n\tbind [::]\n"),
    ])
    func `Caddy is told where to listen, and takes any host`(listen: String, text: String) {
        var plan = Self.plan
        plan.listen = listen
        #expect(CaddySnippet(plan: plan).configuration.contains(text))
    }

    @Test func `what listens everywhere is asked on this machine`() {
        var plan = Self.plan
        plan.listen = "0.0.0.0:80"
        #expect(
            NginxSnippet(plan: plan).pipeline.contains("readBack: http://127.0.0.1:80/.bluegreen"))
    }
}
