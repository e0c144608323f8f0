import FoundationEssentials
import Glibc
import Testing
import TrafficRig

extension RealSlots {
    /// What is peculiar to Traefik.
    @Suite(.serialized, .enabled(if: ProxyKind.traefik.isWanted))
    struct TraefikTests {
        private static let throttle = "providersThrottleDuration: 10ms"

        /// The standard of Traefik itself: a new file is taken up two seconds after the one before.
        @Test func `a Traefik that was not made fast is waited for`() async throws {
            try await ProxyScene.open(
                .traefik, change: { $0.replacing(Self.throttle, with: "") }
            ) { scene in
                try await scene.switches(to: "green")
                try await scene.switches(to: "blue")
            }
        }

        /// So slow that a second goes by also where some time has gone by since the last file.
        @Test func `a slow Traefik is waited for, and said`() async throws {
            let slow = "providersThrottleDuration: 3s"
            try await ProxyScene.open(
                .traefik, change: { $0.replacing(Self.throttle, with: slow) }
            ) { scene in
                for color in ["green", "blue"] {
                    let done = try await scene.run("switch", color, "--no-bake")
                    #expect(done.status == 0, "\(done)")
                    #expect(done.errors.contains("has not taken up"), "\(done)")
                    #expect(done.errors.contains("providersThrottleDuration"), "\(done)")
                    #expect(try await scene.live() == color)
                }
                let probe = try await scene.run("doctor", "--probe", "-y")
                #expect(probe.status == 0, "\(probe)")
                #expect(probe.output.contains("!  traefik read back"), "\(probe)")
                #expect(
                    probe.output.contains("compare 'providersThrottleDuration'"), "\(probe)")
                #expect(try await scene.live() == "blue")
            }
        }

        @Test func `a service that Traefik does not have is refused before the write`()
            async throws
        {
            try await ProxyScene.open(.traefik) { scene in
                let services = try scene.proxy.folder.read("slot/shop.yml")
                try scene.proxy.folder.write(
                    services.replacing("shop-green", with: "shop-gren"), to: "slot/shop.yml")
                try await scene.proxy.restart()
                try await scene.expectUntouched(
                    by: "switch", "green", "--no-bake", status: 11,
                    says: "Traefik has no service shop-green")
            }
        }

        @Test func `a Traefik that does not watch is noticed, and nothing is left half done`()
            async throws
        {
            try await ProxyScene.open(
                .traefik, change: { $0.replacing("watch: true", with: "watch: false") }
            ) { scene in
                let done = try await scene.run("switch", "green", "--no-bake")
                // Whoever reads the file next, and when, is not known.
                #expect(done.status == 20, "\(done)")
                #expect(done.errors.contains("providersThrottleDuration"), "\(done)")
                #expect(try await scene.live() == "blue")
                try scene.proxy.configure(
                    scene.proxy.configuration().replacing("watch: false", with: "watch: true"))
                try await scene.proxy.restart()
                #expect(try await scene.live() == "blue")
                let settled = try await scene.run("resume")
                #expect(settled.status == 0, "\(settled)")
                let status = try await scene.run("status")
                #expect(status.status == 0, "\(status)")
            }
        }
    }
}
