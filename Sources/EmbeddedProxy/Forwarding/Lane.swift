import Contracts
import Logging
import NIOCore
import PipelineModel

/// Everything that one event loop owns: its clients, its upstream connections and its scratch space.
/// Used on that loop only, so nothing in it is locked.
final class Lane {
    /// Lines about refused requests per second; a flood of bad requests must not become one of lines.
    private static let notesPerSecond = 20
    /// How often connections are shed, and how long a new one has to say something before that.
    private static let shedding = TimeAmount.milliseconds(100)

    let wiring: Wiring
    let eventLoop: any EventLoop
    /// Used inside one call, never across calls.
    var scratch = ByteBuffer()
    var fields: [Field] = []
    private(set) var date = DateLine()
    private(set) var isStopping = false

    private var clients: [ObjectIdentifier: ClientHandler] = [:]
    private let pools: (blue: UpstreamPool, green: UpstreamPool)
    private let meters: (blue: ColorMeter, green: ColorMeter)
    private var accessLines = ByteBuffer()
    private var notes = 0
    private var notesSince = NIODeadline.now()
    private var mayShedAgain = NIODeadline.uptimeNanoseconds(0)
    private var dice = 0
    private var watchesPause = false
    private var emptied: EventLoopPromise<Void>?

    init(_ wiring: Wiring, index: Int, eventLoop: any EventLoop) {
        self.wiring = wiring
        self.eventLoop = eventLoop
        meters = (wiring.meter.shard(index, .blue), wiring.meter.shard(index, .green))
        pools = (UpstreamPool(.blue, wiring), UpstreamPool(.green, wiring))
        date.refresh()
    }

    func pool(_ color: Color) -> UpstreamPool { color == .blue ? pools.blue : pools.green }
    func meter(_ color: Color) -> ColorMeter { color == .blue ? meters.blue : meters.green }

    /// Where the request goes whose head was just read from `bytes`, with its lines in `fields`.
    func color(for bytes: ByteBuffer, _ route: Route) -> Color {
        guard let split = route.split else { return route.datum.live }
        return holds(split.match, bytes) || roll() < split.idlePercent
            ? route.datum.live.other : route.datum.live
    }

    /// Whether that request is one of those that always go to idle.
    func isTester(_ bytes: ByteBuffer) -> Bool { holds(wiring.testers, bytes) }

    private func holds(_ match: HeaderMatch?, _ bytes: ByteBuffer) -> Bool {
        guard let match else { return false }
        return bytes.withUnsafeReadableBytes { match.holds($0, fields) }
    }

    /// The next number of 0..<100; any hundred in a row are all different, so that shares are exact.
    private func roll() -> Int {
        dice = (dice + 37) % 100
        return dice
    }

    func note(_ message: Logger.Message, _ metadata: @autoclosure () -> Logger.Metadata) {
        let now = NIODeadline.now()
        if now - notesSince > .seconds(1) {
            if notes > Self.notesPerSecond {
                wiring.log.notice("\(notes - Self.notesPerSecond) more lines were left out.")
            }
            (notes, notesSince) = (0, now)
        }
        notes += 1
        guard notes <= Self.notesPerSecond else { return }
        wiring.log.notice(message, metadata: metadata())
    }
}

// Clients.
extension Lane {
    func add(_ client: ClientHandler) {
        clients[ObjectIdentifier(client)] = client
    }

    func remove(_ client: ClientHandler) {
        clients[ObjectIdentifier(client)] = nil
        guard isStopping, clients.isEmpty else { return }
        emptied?.succeed()
        emptied = nil
    }

    func closeTunnels(on color: Color) {
        for client in Array(clients.values) { client.closeTunnel(on: color) }
    }

    /// Frees descriptors by closing connections that wait for a request; a few times a second at most.
    func shed() {
        let now = NIODeadline.now()
        guard mayShedAgain <= now else { return }
        mayShedAgain = now + Self.shedding
        note("Out of descriptors: idle connections are closed.", [:])
        for client in Array(clients.values) { client.closeIfIdle(since: now - Self.shedding) }
        for pool in [pools.blue, pools.green] { pool.closeIdle() }
    }

    var load: ProxyLoad {
        clients.values.reduce(into: ProxyLoad()) { $1.add(to: &$0) }
    }

    /// Closes what is idle; the future is done when the last client has gone.
    func quiesce() -> EventLoopFuture<Void> {
        isStopping = true
        let promise = emptied ?? eventLoop.makePromise(of: Void.self)
        emptied = promise
        for client in Array(clients.values) { client.closeIfIdle(since: .distantFuture) }
        if clients.isEmpty {
            promise.succeed()
            emptied = nil
        }
        return promise.futureResult
    }

    func closeAll() {
        for client in Array(clients.values) { client.abort() }
        for pool in [pools.blue, pools.green] { pool.closeIdle() }
        flushAccessLog()
    }
}

// Time.
extension Lane {
    /// Called several times per shortest limit.
    func tick() {
        let now = NIODeadline.now()
        date.refresh()
        for client in Array(clients.values) { client.checkDeadline(now) }
        pools.blue.closeIdle(since: now)
        pools.green.closeIdle(since: now)
        flushAccessLog()
    }

    /// Looks at the route every few milliseconds for as long as a request is held.
    func watchPause() {
        guard !watchesPause else { return }
        watchesPause = true
        eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(2)) {
            self.watchesPause = false
            guard !self.wiring.routing.current.isPaused else {
                if self.clients.values.contains(where: \.isHeld) { self.watchPause() }
                return
            }
            for client in Array(self.clients.values) { client.resume() }
        }
    }
}

// The access log.
extension Lane {
    private static let accessBatch = 32 * 1024

    func log(_ entry: AccessEntry) {
        guard wiring.accessLog != nil else { return }
        entry.write(at: date.iso, to: &accessLines)
        if accessLines.readableBytes > Self.accessBatch { flushAccessLog() }
    }

    private func flushAccessLog() {
        guard let accessLog = wiring.accessLog, accessLines.readableBytes > 0 else { return }
        accessLog.write(accessLines)
        accessLines.clear()
    }
}
