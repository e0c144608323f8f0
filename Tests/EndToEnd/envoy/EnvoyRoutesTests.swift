import FoundationEssentials
import Testing
import TrafficRig

extension RealSlots {
    /// What is peculiar to an Envoy that takes its routes from a file.
    @Suite(.serialized, .enabled(if: ProxyKind.envoy.isWanted))
    struct EnvoyRoutesTests {
        private static let file = "slot/routes.yaml"

        /// The control: Envoy looks at the file when something is renamed, and at no other time.
        @Test func `routes that are written in place are no switch, and that is seen`()
            async throws
        {
            try await ProxyScene.open(.envoy) { scene in
                let routes = try scene.proxy.folder.read(Self.file)
                let summary = try await scene.underLoad { client in
                    let change = try await Switch.measure(to: "green") {
                        try scene.proxy.folder.write(Self.green(routes), to: Self.file)
                    }
                    try await client.wait(for: 200)
                    return [change]
                }
                #expect(summary.switches.allSatisfy { $0.firstNew == nil }, "\(summary)")
                #expect(!summary.isClean, "\(summary)")
                let status = try await scene.run("status")
                #expect(status.status != 0, "\(status)")
            }
        }

        /// As a person does it who sees no need to change what is a comment.
        @Test func `routes moved by hand, but for a comment, were no colour`() async throws {
            try await ProxyScene.open(.envoy) { scene in
                for color in ["green", "blue"] { try await scene.switches(to: color) }
                let routes = try scene.proxy.folder.read(Self.file)
                let moved = routes.replacing("\"blue:green:0:", with: "\"green:blue:0:")
                    .replacing("shop_blue, weight: 100", with: "shop_blue, weight: 0")
                    .replacing("shop_green, weight: 0", with: "shop_green, weight: 100")
                try #require(moved.contains("#   route: { cluster: shop_green,"))
                try scene.proxy.folder.replace(moved, as: Self.file)
                try await eventually("green to answer") { try await scene.live() == "green" }
                try await scene.expectStatus(33, "the router says green")
            }
        }

        @Test(arguments: [
            ("domains: []", "update_rejected"), ("domains: [", "update_failure"),
        ])
        func `routes that Envoy refuses move nobody, and its refusal is quoted`(
            broken: String, counter: String
        ) async throws {
            try await ProxyScene.open(.envoy) { scene in
                let routes = try scene.proxy.folder.read(Self.file)
                // In place: Envoy meets it with what the switch renames.
                try scene.proxy.folder.write(
                    routes.replacing(Self.domains, with: broken), to: Self.file)
                let done = try await scene.run("switch", "green", "--no-bake")
                // The way back is refused as well, and what Envoy reads next is not known.
                #expect(done.status == 20, "\(done)")
                #expect(done.errors.contains(counter), "\(done)")
                #expect(try await scene.live() == "blue")
                let left = try scene.proxy.folder.read(Self.file)
                try scene.proxy.folder.replace(
                    left.replacing(broken, with: Self.domains), as: Self.file)
                let settled = try await scene.run("resume")
                #expect(settled.status == 0, "\(settled)")
                #expect(try await scene.live() == "blue")
                try await scene.switches(to: "green")
            }
        }

        @Test func `clusters of another name are refused before the routes are written`()
            async throws
        {
            try await ProxyScene.open(.envoy) { scene in
                try scene.proxy.configure(
                    scene.proxy.configuration().replacing("shop_green", with: "shop_gren"))
                try await scene.proxy.restart()
                try await scene.expectUntouched(
                    by: "switch", "green", "--no-bake", status: 11, says: "no cluster shop_green")
            }
        }

        private static let domains = #"domains: ["*"]"#

        private static func green(_ routes: String) -> String {
            routes.replacing("shop_blue, weight: 100", with: "shop_blue, weight: 0")
                .replacing("shop_green, weight: 0", with: "shop_green, weight: 100")
                .replacing("\"blue:green:0:0\"", with: "\"green:blue:0:1\"")
        }
    }
}
