import Contracts
import Logging
import PipelineModel
import ProxyConformance
import Synchronization

@testable import EmbeddedProxy

/// A proxy on a free port with two upstreams that do what a test tells them.
struct TestProxy {
    let blue: RawUpstream
    let green: RawUpstream
    let routing: Routing
    let meter = TrafficMeter(shards: 1)
    let server: ProxyServer
    let log: LogLines
    let port: Int
    let preview: Int

    /// Runs `body` against a proxy whose live colour is blue, and stops everything after it.
    static func run(
        blue: RawUpstream.Script = .ok, green: RawUpstream.Script = .ok,
        _ change: (inout ProxySettings) -> Void = { _ in },
        accessLog: AccessLog? = nil, body: (TestProxy) async throws -> Void
    ) async throws {
        let upstreams = try await (RawUpstream.start(blue), RawUpstream.start(green))
        var settings = ProxySettings(
            listen: .init(host: "127.0.0.1", port: 0), preview: .init(host: "127.0.0.1", port: 0),
            upstreams: [
                .blue: .init(host: "127.0.0.1", port: upstreams.0.port),
                .green: .init(host: "127.0.0.1", port: upstreams.1.port),
            ], threads: 1)
        change(&settings)
        let proxy = try await TestProxy(upstreams.0, upstreams.1, settings, accessLog)
        do {
            try await body(proxy)
        } catch {
            await proxy.stop()
            throw error
        }
        await proxy.stop()
    }

    private init(
        _ blue: RawUpstream, _ green: RawUpstream, _ settings: ProxySettings,
        _ accessLog: AccessLog?
    ) async throws {
        self.blue = blue
        self.green = green
        let lines = LogLines()
        log = lines
        routing = Routing(Self.route(.blue))
        server = ProxyServer(
            settings: settings, routing: routing, meter: meter,
            log: lines.logger, accessLog: accessLog)
        let ports = try await server.bind()
        server.accept()
        port = ports.public
        preview = ports.preview ?? 0
    }

    static func route(_ live: Color, split: Split? = nil, isPaused: Bool = false) -> Route {
        Route(
            datum: Datum(live: live, token: Token(epoch: 1, round: 1)), split: split,
            isPaused: isPaused)
    }

    func client() throws -> RawClient { try RawClient(port: port) }

    /// One request on a connection of its own; the whole answer.
    func ask(_ request: String = get()) throws -> String {
        let client = try client()
        client.send(request)
        client.read { MessageEnd.first(in: $0) != nil }
        return client.text
    }

    func stop() async {
        await server.stop(grace: .zero)
        await blue.stop()
        await green.stop()
    }
}

/// A small valid request.
func get(_ path: String = "/", _ fields: String...) -> String {
    "GET \(path) HTTP/1.1\r\nHost: shop\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
}

func post(_ body: String, _ path: String = "/") -> String {
    "POST \(path) HTTP/1.1\r\nHost: shop\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
}

func answer(_ body: String, _ fields: String...) -> RawUpstream.Script {
    .answer(
        "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n"
            + fields.map { $0 + "\r\n" }.joined() + "\r\n" + body)
}

/// Waits for something that another thread brings about; says whether it came.
func eventually(
    within limit: Duration = .seconds(20), _ holds: () async throws -> Bool
) async rethrows -> Bool {
    let deadline = ContinuousClock.now + limit
    while try await !holds() {
        guard ContinuousClock.now < deadline else { return false }
        // A cancelled wait only means that the limit is over sooner.
        try? await Task.sleep(for: .milliseconds(1))
    }
    return true
}

/// Whether a number stays what it is for a while.
func standsStill(_ number: () async -> Int) async -> Bool {
    var (last, since) = (await number(), ContinuousClock.now)
    return await eventually {
        let now = await number()
        if now != last { (last, since) = (now, ContinuousClock.now) }
        return ContinuousClock.now - since > .milliseconds(100)
    }
}

/// The lines of a log, for tests that read it.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    var logger: Logger { Logger(label: "proxy") { _ in LineLog(lines: self) } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

private struct LineLog: LogHandler {
    let lines: LogLines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let details = (event.metadata ?? [:]).sorted { $0.key < $1.key }
        lines.add(
            "\(event.message) \(details.map { "\($0.key)=\($0.value)" }.joined(separator: " "))")
    }
}
