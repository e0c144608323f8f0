import NIOCore
import NIOHTTP1
import NIOPosix

/// One user of a load: sends a request whenever one is due and the last one has its answer.
///
/// Lives on its event loop. A request that is due while the last one is still under way is sent
/// right after it and keeps its due time, so a slow server shows as latency, not as less load.
final class LoadLane {
    enum Kind {
        case keepAlive
        case close
        case posts
    }

    private let kind: Kind
    private let plan: LoadPlan
    private let recorder: LoadRecorder
    private let loop: any EventLoop
    private let interval: Int64
    private let idle: EventLoopPromise<Void>

    private var channel: (any Channel)?
    private var connection = 0
    private var uses = 0
    private var isReusable = true
    private var nextDue: Int64 = 0
    private var request: LoadRecord?
    private var timeout: Scheduled<Void>?
    private var isStopping = false

    init(_ kind: Kind, _ plan: LoadPlan, _ recorder: LoadRecorder, on loop: any EventLoop) {
        self.kind = kind
        self.plan = plan
        self.recorder = recorder
        self.loop = loop
        let lanes = plan.keepAlive + plan.close + plan.posts
        interval = Int64(lanes) * 1_000_000_000 / Int64(plan.rate)
        idle = loop.makePromise()
    }

    func start(at due: Int64) {
        nextDue = due
        schedule()
    }

    /// Sends nothing more; done when the request under way has its answer or is lost.
    func stop() -> EventLoopFuture<Void> {
        if !isStopping, request == nil { finish() }
        isStopping = true
        return idle.futureResult
    }

    private func finish() {
        drop()
        idle.succeed()
    }

    private func schedule() {
        loop.assumeIsolated().scheduleTask(deadline: .uptimeNanoseconds(UInt64(nextDue))) {
            self.begin()
        }
    }

    private func begin() {
        guard !isStopping else { return }
        let now = Monotonic.now()
        request = LoadRecord(
            due: nextDue, sent: now, end: now, status: nil, connection: connection,
            order: kind == .posts ? recorder.nextOrder() : nil)
        nextDue += interval
        timeout = loop.assumeIsolated().scheduleTask(in: .nanoseconds(plan.timeout.nanoseconds)) {
            self.lose(.timeout)
        }
        guard let channel, channel.isActive else { return connect() }
        send(on: channel)
    }

    // MARK: Connection

    private func connect() {
        let lane = NIOLoopBound(self, eventLoop: loop)
        let due = request?.due
        connection = recorder.nextConnection()
        request?.connection = connection
        uses = 0
        ClientBootstrap(group: loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(.nanoseconds(plan.timeout.nanoseconds))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHTTPClientHandlers()
                    try pipeline.addHandler(LoadConnection(lane.value))
                }
            }
            .connect(host: plan.host, port: plan.port)
            .assumeIsolated()
            .whenComplete { self.connected($0, for: due) }
    }

    private func connected(_ result: Result<any Channel, any Error>, for due: Int64?) {
        switch result {
        case .success(let channel):
            // The request that asked for this connection may have been lost meanwhile.
            guard let request, request.due == due else { return channel.close(promise: nil) }
            self.channel = channel
            send(on: channel)
        case .failure:
            guard let request, request.due == due else { return }
            lose(.connectRefused)
        }
    }

    private func send(on channel: any Channel) {
        uses += 1
        isReusable = true
        request?.connection = connection
        request?.sent = Monotonic.now()
        let part = HTTPClientRequestPart.self
        channel.write(part.head(head), promise: nil)
        if kind == .posts {
            channel.write(part.body(.byteBuffer(ByteBuffer(string: Self.order))), promise: nil)
        }
        channel.writeAndFlush(part.end(nil), promise: nil)
    }

    private static let order = #"{"item":"book"}"#

    private var head: HTTPRequestHead {
        var headers = HTTPHeaders([("Host", "\(plan.host):\(plan.port)"), ("X-Load", "1")])
        switch kind {
        case .keepAlive: break
        case .close: headers.add(name: "Connection", value: "close")
        case .posts:
            headers.add(name: "Content-Type", value: "application/json")
            headers.add(name: "Content-Length", value: "\(Self.order.utf8.count)")
            if let id = request?.order { headers.add(name: "X-Request-Id", value: id) }
        }
        return HTTPRequestHead(
            version: .http1_1, method: kind == .posts ? .POST : .GET,
            uri: kind == .posts ? "/orders" : plan.path, headers: headers)
    }

    // MARK: What the connection reports

    func began(_ head: HTTPResponseHead, on channel: any Channel) {
        guard channel === self.channel else { return }
        request?.status = Int(head.status.code)
        request?.color = head.headers.first(name: "x-color")
        isReusable = head.isKeepAlive && kind != .close
    }

    /// Files have no header of their own: there a body that is only a colour says who answered.
    func received(_ piece: ByteBuffer, on channel: any Channel) {
        guard channel === self.channel, request?.color == nil else { return }
        let text = String(buffer: piece)
        request?.color = ["blue", "green"].first { text == $0 || text == $0 + "\n" }
    }

    func completed(on channel: any Channel) {
        guard channel === self.channel, let status = request?.status else { return }
        if !isReusable { drop() }
        conclude(LoadError(status: status))
    }

    /// The connection ended, whoever ended it.
    func closed(_ channel: any Channel) {
        guard channel === self.channel else { return }
        self.channel = nil
        guard let request else { return }
        guard request.status == nil else { return lose(.truncated) }
        lose(uses > 1 ? .resetOnReused : .resetOnFresh)
    }

    func spokeNonsense(on channel: any Channel) {
        guard channel === self.channel else { return }
        lose(.malformed)
    }

    // MARK: The end of a request

    private func lose(_ error: LoadError) {
        drop()
        conclude(error)
    }

    /// Forgets the connection before closing it, so that its end is not taken for a loss.
    private func drop() {
        let dropped = channel
        channel = nil
        dropped?.close(promise: nil)
    }

    private func conclude(_ error: LoadError?) {
        guard var done = request else { return }
        request = nil
        timeout?.cancel()
        done.end = Monotonic.now()
        done.error = error
        recorder.add(done)
        guard !isStopping else { return finish() }
        schedule()
    }
}
