import Contracts
import EmbeddedProxy
import FoundationEssentials
import Logging
import NIOCore
import NIOPosix
import PipelineModel
import Synchronization
import Testing

/// Malformed requests in large numbers: the proxy neither stops, nor hangs, nor leaks, nor forwards
/// anything ambiguous. FUZZ_INPUTS and FUZZ_SEED choose how many and which.
@Suite(.serialized)
struct ProxyFuzzTests {
    private static let inputs = number("FUZZ_INPUTS") ?? 5_000
    private static let seed = UInt64(number("FUZZ_SEED") ?? 20_261_121)

    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    @Test func `mutated requests never harm the proxy or what is behind it`() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let upstream = try await StrictUpstream(on: group)
        let address = ProxySettings.Address(host: "127.0.0.1", port: upstream.port)
        var settings = ProxySettings(
            listen: ProxySettings.Address(host: "127.0.0.1", port: 0),
            upstreams: [.blue: address, .green: address], threads: 1)
        settings.limits.head = .milliseconds(200)
        settings.limits.transfer = .milliseconds(200)
        settings.limits.idle = .milliseconds(200)
        settings.limits.tunnelIdle = .milliseconds(200)
        let meter = TrafficMeter()
        let proxy = ProxyServer(
            settings: settings,
            routing: Routing(Route(datum: Datum(live: .blue, token: Token(epoch: 1, round: 1)))),
            meter: meter,
            log: Logger(label: "fuzz", factory: { _ in SwiftLogNoOpLogHandler() }))
        let port = try await proxy.bind().public
        proxy.accept()

        let unanswered = try await Self.send(to: port, on: group)

        #expect(unanswered == [], "seed \(Self.seed)")
        #expect(upstream.complaints == [], "seed \(Self.seed)")
        #expect(upstream.requests > Self.inputs / 20, "the inputs are not all refused")
        await proxy.stop(grace: .zero)
        for (color, traffic) in meter.snapshot() {
            #expect(traffic.requestsInFlight == 0 && traffic.tunnels == 0, "\(color)")
        }
        try await upstream.stop()
        try await group.shutdownGracefully()
    }

    /// Sends every input on a connection of its own; the inputs after which the proxy did not let go.
    private static func send(to port: Int, on group: any EventLoopGroup) async throws -> [String] {
        try await withThrowingTaskGroup(of: [String].self) { lanes in
            let width = 128
            for lane in 0..<width {
                lanes.addTask {
                    var mutator = Mutator(seed: seed &+ UInt64(lane) &* 1_000_003)
                    var hung: [String] = []
                    for number in 0..<inputs / width {
                        let bytes = mutator.next()
                        let talk = FuzzTalk(bytes, cutAt: mutator.cuts(of: bytes.count))
                        let source = "127.0.1.\(1 + (lane * 7 + number) % 250)"
                        if try await !talk.ends(port: port, from: source, on: group) {
                            hung.append(String(decoding: bytes, as: UTF8.self).debugDescription)
                        }
                    }
                    return hung
                }
            }
            return try await lanes.reduce(into: []) { $0 += $1 }
        }
    }
}

/// One connection: sends, closes its own side, and waits until the proxy closes the other.
private struct FuzzTalk {
    private static let patience = TimeAmount.seconds(10)

    private let pieces: [ArraySlice<UInt8>]

    init(_ bytes: [UInt8], cutAt cuts: [Int]) {
        let edges = [0] + cuts + [bytes.count]
        pieces = zip(edges, edges.dropFirst()).map { bytes[$0..<$1] }
    }

    /// The source address varies so that the ports of one do not run out.
    func ends(port: Int, from source: String, on group: any EventLoopGroup) async throws -> Bool {
        let channel = try await ClientBootstrap(group: group)
            .channelOption(.allowRemoteHalfClosure, value: false)
            .bind(to: SocketAddress(ipAddress: source, port: 0))
            .connect(host: "127.0.0.1", port: port).get()
        for piece in pieces {
            // A proxy that has closed already is a good answer.
            try? await channel.writeAndFlush(ByteBuffer(bytes: piece))
        }
        try? await channel.close(mode: .output)
        let timeout = channel.eventLoop.scheduleTask(in: Self.patience) {
            channel.close(promise: nil)
            return true
        }
        try await channel.closeFuture.get()
        timeout.cancel()
        return await (try? timeout.futureResult.get()) == nil
    }
}
