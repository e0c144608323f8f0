import NIOCore
import NIOPosix
import Synchronization

/// Stands between the program and HAProxy's runtime API, and holds back chosen commands: so a test
/// can stop a program at the one moment that matters, or spoil what it hears.
package final class RuntimeGate: Sendable {
    package enum Hold: CaseIterable, Sendable {
        /// HAProxy does not see the command.
        case beforeHAProxy
        /// HAProxy has obeyed, the program does not hear it.
        case afterHAProxy
        /// The connection is closed at once; HAProxy does not see the command.
        case refused
        /// HAProxy has obeyed, the connection is closed without a word.
        case unanswered
        /// HAProxy has obeyed, half of its answer arrives.
        case halved
        /// HAProxy has obeyed, something else arrives.
        case garbled
        /// HAProxy does not see the command; what it answered to the same one before arrives.
        case stale
    }

    private struct State {
        var rule: (words: String, hold: Hold)?
        var held: [@Sendable () -> Void] = []
        /// Answers from before the rule, for those that come too late.
        var answers: [String: String] = [:]
        var struck = 0
        var underWay = 0

        /// No rule, and nothing held; what HAProxy is doing goes on.
        mutating func begin() {
            rule = nil
            held = []
            struck = 0
        }
    }

    package let path: String
    private let socket: String
    private let state = Mutex(State())

    /// Opens a gate in front of `socket`, at `path`, while `body` runs.
    package static func open<Result>(
        before socket: String, at path: String, _ body: (RuntimeGate) async throws -> Result
    ) async throws -> Result {
        let gate = RuntimeGate(path, socket)
        let listener = try await gate.bootstrap
            .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
        return try await gate.serve(listener, body)
    }

    /// The same on a free port of `host`, which is the path of the gate then.
    package static func open<Result>(
        before socket: String, on host: String, _ body: (RuntimeGate) async throws -> Result
    ) async throws -> Result {
        let port = try FreePort.next()
        let gate = RuntimeGate("\(host):\(port)", socket)
        let listener = try await gate.bootstrap.bind(host: host, port: port).get()
        return try await gate.serve(listener, body)
    }

    private var bootstrap: ServerBootstrap {
        ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(GateConnection(self))
                }
            }
    }

    private func serve<Result>(
        _ listener: any Channel, _ body: (RuntimeGate) async throws -> Result
    ) async throws -> Result {
        do {
            let result = try await body(self)
            try await listener.close()
            return result
        } catch {
            try await listener.close()
            throw error
        }
    }

    private init(_ path: String, _ socket: String) {
        self.path = path
        self.socket = socket
    }

    /// From now on commands with `words` in them are held, until `release`.
    package func hold(_ words: String, _ hold: Hold) {
        state.withLock {
            $0.rule = (words, hold)
            $0.struck = 0
        }
    }

    /// Whether a command met the rule since it was made.
    package var hasStruck: Bool { state.withLock { $0.struck > 0 } }

    package func waitUntilHolding() async throws {
        try await eventually("a held command") { state.withLock { !$0.held.isEmpty } }
    }

    /// Everything that is held goes on, and nothing is held any more.
    package func release() {
        let held = state.withLock { state in
            defer { state.begin() }
            return state.held
        }
        held.forEach { $0() }
    }

    /// The same, and HAProxy has seen everything when this returns.
    package func releaseAndWait() async throws {
        release()
        try await eventually("HAProxy to do what was held back") {
            state.withLock { $0.underWay == 0 }
        }
    }

    /// What is held stays unanswered for ever; nothing more is held.
    package func forget() {
        state.withLock { $0.begin() }
    }

    fileprivate func serve(_ command: String, on channel: any Channel) {
        let (hold, before) = state.withLock { state in
            let hold = state.rule.flatMap { command.contains($0.words) ? $0.hold : nil }
            let before = state.answers[command]
            if hold != nil, hold != .stale || before != nil { state.struck += 1 }
            return (hold, before)
        }
        switch hold {
        case nil: forward(command) { Self.answer($0, on: channel) }
        case .beforeHAProxy:
            keep { self.forward(command) { Self.answer($0, on: channel) } }
        case .afterHAProxy:
            forward(command) { answer in self.keep { Self.answer(answer, on: channel) } }
        case .refused: Self.answer(nil, on: channel)
        case .unanswered: forward(command) { _ in Self.answer(nil, on: channel) }
        case .halved:
            forward(command) { answer in
                Self.answer(answer.map { String($0.prefix($0.count / 2)) }, on: channel)
            }
        case .stale:
            guard let before else { return forward(command) { Self.answer($0, on: channel) } }
            Self.answer(before, on: channel)
        case .garbled:
            forward(command) { _ in Self.answer("\u{1B}]52;c;\u{0}\r\nwhat?", on: channel) }
        }
    }

    private func keep(_ work: @escaping @Sendable () -> Void) {
        state.withLock { $0.held.append(work) }
    }

    private func forward(_ command: String, _ done: @escaping @Sendable (String?) -> Void) {
        state.withLock { $0.underWay += 1 }
        NIOThreadPool.singleton.submit { [self] _ in
            // Silence is what HAProxy's end looks like to the program, too.
            let answer = try? UnixSocket.ask(socket, command)
            state.withLock { state in
                state.underWay -= 1
                if state.rule == nil { state.answers[command] = answer }
            }
            done(answer)
        }
    }

    private static func answer(_ text: String?, on channel: any Channel) {
        guard let text else { return channel.close(promise: nil) }
        channel.writeAndFlush(ByteBuffer(string: text)).whenComplete { _ in
            channel.close(promise: nil)
        }
    }
}

/// Reads one line of commands, or one request of the register.
private final class GateConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let gate: RuntimeGate
    private var command = ""

    init(_ gate: RuntimeGate) {
        self.gate = gate
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        command += String(buffer: unwrapInboundIn(data))
        // As a character, the end of a line of HTTP is another one.
        guard command.utf8.last == UInt8(ascii: "\n") else { return }
        gate.serve(command, on: context.channel)
        command = ""
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
