import FoundationEssentials
import Testing
import TrafficRig

extension EmbeddedTests {
    /// Hours of rough use in a minute; SOAK_SECONDS makes it longer.
    @Suite(.serialized)
    struct SoakTests {
        private static let length = Duration.seconds(
            ProcessInfo.processInfo.environment["SOAK_SECONDS"].flatMap { Int($0) } ?? 60)
        /// Memory may settle, but not grow with the requests.
        private static let mayGrow = 16 << 20

        @Test(.timeLimit(.minutes(20)))
        func `rough users and a switch every 500 ms lose nothing and leave nothing behind`()
            async throws
        {
            try await EmbeddedScene.open { scene in
                let proxy = try scene.pid()
                let descriptors = try EmbeddedScene.descriptors(of: proxy)
                var memory: [Int] = []
                var crowd = RoughUsers.Tally()
                let summary = try await scene.underLoad { _ in
                    var switches: [Switch] = []
                    crowd = try await RoughUsers.visiting(scene.url) {
                        switches = try await Self.flip(scene) {
                            memory.append(try ResidentMemory.bytes(of: proxy))
                        }
                    }
                    return switches
                }
                print("soak: \(summary); visits \(crowd.visits)")
                print("soak: memory \(memory.first ?? 0) to \(memory.last ?? 0) bytes")
                #expect(summary.isClean, "\(summary)")
                #expect(crowd.failures == [])
                #expect(crowd.visits.count == 5)
                let half = memory.count / 2
                let (early, late) = (memory.prefix(half).max() ?? 0, memory.suffix(half).max() ?? 0)
                #expect(late - early < Self.mayGrow)
                // Connections to the colours are kept half a minute for the next request.
                try await eventually("the proxy to close all it opened", within: .seconds(60)) {
                    try EmbeddedScene.descriptors(of: proxy) <= descriptors + Self.mayKeep
                }
            }
        }

        /// What the runtime opens once, at its first need.
        private static let mayKeep = 4

        /// A switch every 500 ms, to one colour and the other; `noted` after each.
        private static func flip(
            _ scene: EmbeddedScene, _ noted: () throws -> Void
        ) async throws -> [Switch] {
            let end = Monotonic.now() + length.components.seconds * 1_000_000_000
            var switches: [Switch] = []
            while Monotonic.now() < end {
                let next = Monotonic.now() + 500_000_000
                let color = switches.count % 2 == 0 ? "green" : "blue"
                switches.append(
                    try await Switch.measure(to: color) {
                        let done = try await scene.run("switch", color, "--no-bake")
                        guard done.status == 0 else { throw RigFailure("\(done)") }
                    })
                try noted()
                try await Task.sleep(for: .nanoseconds(max(next - Monotonic.now(), 0)))
            }
            return switches
        }
    }
}
