import FoundationEssentials
import Glibc
import Testing
import TrafficRig

extension RealSlots {
    /// What Traefik has to show, and what is peculiar to it.
    @Suite(.serialized, .enabled(if: ProxyKind.traefik.isWanted))
    struct TraefikTests {
        @Test func `250 switches under load lose nothing, confuse nobody and repeat no order`()
            async throws
        {
            try await ProxyScene.open(.traefik) { try await $0.expectCleanSwitches(250) }
        }

        @Test func `a restart keeps the colour`() async throws {
            try await ProxyScene.open(.traefik) { scene in
                for color in ["green", "blue", "green"] {
                    try await scene.switches(to: color)
                    try await scene.proxy.restart()
                    #expect(try await scene.live() == color)
                    let status = try await scene.run("status")
                    #expect(status.status == 0, "\(status)")
                }
            }
        }

        @Test func `a release that fails its bake goes back by itself`() async throws {
            var pipeline = PipelineText(
                deploy: PipelineText.release(errors: 50),
                bake: PipelineText.bake("30s", metric: "router: errorRate"))
            pipeline.checks = ""
            try await ProxyScene.open(.traefik, pipeline) { scene in
                let summary = try await scene.underLoad { _ in
                    let done = try await scene.run("deploy", "2.1.0")
                    #expect(done.status == 11, "\(done)")
                    #expect(try await scene.live() == "blue")
                    return []
                }
                #expect((summary.colors["green"] ?? 0) > 0, "\(summary)")
            }
        }

        /// The standard of Traefik itself: a new file is taken up two seconds after the one before.
        @Test func `a slow Traefik is waited for, and said`() async throws {
            try await ProxyScene.open(
                .traefik, change: { $0.replacing("providersThrottleDuration: 10ms", with: "") }
            ) { scene in
                try await scene.switches(to: "green")
                try await scene.switches(to: "blue")
            }
        }

        // MARK: What is not right

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

        @Test func `a file that cannot be written is said, and nothing moves`() async throws {
            try await ProxyScene.open(.traefik, PipelineText()) { scene in
                // Even root cannot write to a folder as to a file.
                try FileManager.default.createDirectory(
                    atPath: scene.proxy.folder.file("slot/.shop-live.yml.tmp"),
                    withIntermediateDirectories: false)
                let done = try await scene.run("deploy", "2.1.0")
                #expect(done.status == 10, "\(done)")
                #expect(done.errors.contains("cannot be changed"), "\(done)")
                #expect(try await scene.live() == "blue")
            }
        }

        @Test func `a Traefik that hangs is unreachable, and users of blue stay there`()
            async throws
        {
            try await ProxyScene.open(.traefik) { scene in
                scene.proxy.signal(SIGSTOP)
                let done = try await scene.run("switch", "green", "--no-bake")
                scene.proxy.signal(SIGCONT)
                #expect(done.status == 40, "\(done)")
                #expect(done.errors.contains("did not answer"), "\(done)")
                #expect(try await scene.live() == "blue")
            }
        }

        @Test func `a colour that is down never becomes live`() async throws {
            try await ProxyScene.open(.traefik) { scene in
                scene.green.process.killAtOnce()
                let done = try await scene.run("switch", "green")
                #expect(done.status == 10, "\(done)")
                #expect(done.errors.contains("green does not answer as green"), "\(done)")
                #expect(try await scene.live() == "blue")
            }
        }
    }
}
