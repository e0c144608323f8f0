import FoundationEssentials
import Glibc
import Testing
import TrafficRig

extension RealHAProxy {
    /// What was switched stays switched, whatever HAProxy lives through.
    @Suite(.serialized)
    struct DurabilityTests {
        private static let ways: [HAProxyConfiguration.Mechanism] = [
            .map(), .plainMap(), .register(),
        ]

        @Test(arguments: ways)
        func `a reload and a restart keep the colour`(
            mechanism: HAProxyConfiguration.Mechanism
        ) async throws {
            try await Scene.open(mechanism) { scene in
                for color in ["green", "blue", "green"] {
                    let done = try await scene.run("switch", color, "--no-bake")
                    #expect(done.status == 0, "\(done)")
                    try await scene.shop.haproxy.reload()
                    #expect(try await scene.live() == color)
                    try await scene.shop.haproxy.restart()
                    #expect(try await scene.live() == color)
                    let status = try await scene.run("status")
                    #expect(status.status == 0, "\(status)")
                }
            }
        }

        /// docs/decisions/0010
        @Test func `a map file that is not there stops no switch, and is said`() async throws {
            try await Scene.open { scene in
                try FileManager.default.removeItem(atPath: scene.shop.haproxy.mapFile)
                let done = try await scene.run("switch", "green", "--no-bake")
                #expect(done.status == 0, "\(done)")
                #expect(done.errors.contains("a restart would return to the old value"), "\(done)")
                #expect(try await scene.live() == "green")
                let status = try await scene.run("status")
                #expect(status.status == 0, "\(status)")
                #expect(status.output.contains("would show is not certain"), "\(status)")
            }
        }

        @Test(
            arguments: [["adopt", "--reason", "test"], ["rollback", "--to", "green"]],
            ["map", "register"])
        func `a file of HAProxy that cannot be written is said at once and shown until mended`(
            mending: [String], mechanism: String
        ) async throws {
            try await Scene.open(mechanism == "map" ? .map() : .register()) { scene in
                // Even root cannot rename a file over a folder.
                let haproxy = scene.shop.haproxy
                let file = mechanism == "map" ? haproxy.mapFile : haproxy.registerFile
                let aside = scene.folder.file("map.aside")
                let files = FileManager.default
                try files.moveItem(atPath: file, toPath: aside)
                try files.createDirectory(atPath: file, withIntermediateDirectories: false)
                let done = try await scene.run("switch", "green", "--no-bake")
                try files.removeItem(atPath: file)
                try files.moveItem(atPath: aside, toPath: file)
                #expect(done.status == 0, "\(done)")
                #expect(done.errors.contains("a restart would return to the old value"), "\(done)")
                let status = try await scene.run("status")
                #expect(status.status == 33, "\(status)")
                #expect(status.output.contains("would show blue after a reload"), "\(status)")
                let mended = try await scene.run(mending)
                #expect(mended.status == 0, "\(mended)")
                let after = try await scene.run("status")
                #expect(after.status == 0, "\(after)")
                try await scene.shop.haproxy.restart()
                #expect(try await scene.live() == "green")
            }
        }
    }
}
