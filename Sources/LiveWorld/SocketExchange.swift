import Contracts
import Glibc

/// One question and one answer over one socket, on a thread that may block.
struct SocketExchange {
    private let request: StreamRequest
    private let bell: Bell
    private let names: NameBook
    private let deadline: Duration
    private var sent = 0

    init(_ request: StreamRequest, _ bell: Bell, _ names: NameBook) {
        self.request = request
        self.bell = bell
        self.names = names
        deadline = KernelClock.sinceBoot + request.timeout
    }

    func result() -> Result<[UInt8], StreamFailure> {
        var exchange = self
        do throws(StreamFailure) {
            return .success(try exchange.perform())
        } catch {
            return .failure(error)
        }
    }

    private mutating func perform() throws(StreamFailure) -> [UInt8] {
        let socket = try connectToAny(try addresses())
        defer { close(socket) }
        try send(to: socket)
        // A peer that has closed already has answered already.
        if !request.keepsOpen { shutdown(socket, Int32(SHUT_WR)) }
        return try receive(from: socket)
    }

    private func addresses() throws(StreamFailure) -> [SocketAddress] {
        switch request.endpoint {
        case .unix(let path):
            guard let address = SocketAddress(unix: path) else {
                throw failure("the path \(path) is longer than a socket's path may be")
            }
            return [address]
        case .tcp(let host, let port):
            return try resolve(host, port)
        }
    }

    private func resolve(_ host: String, _ port: Int) throws(StreamFailure) -> [SocketAddress] {
        if let address = SocketAddress.numeric(host, port) { return [address] }
        let standIns = names.standIns(for: host)
        let question = names.question(host)
        guard let question else { throw failure(phrase(errno)) }
        guard !standIns.isEmpty else {
            try wait(question.lookup.done.descriptor, POLLIN, "\(host) was not resolved")
            let found = names.learn(host, question.lookup.addresses)
            guard !found.isEmpty else { throw failure("cannot resolve \(host)") }
            return found.compactMap { SocketAddress.numeric($0, port) }
        }
        if !question.isOver {
            try wait(
                question.lookup.done.descriptor, POLLIN, "\(host) was not resolved",
                by: question.limit, orThrow: false)
        }
        return names.settled(question, for: host, else: standIns)
            .compactMap { SocketAddress.numeric($0, port) }
    }

    private func connectToAny(_ addresses: [SocketAddress]) throws(StreamFailure) -> Int32 {
        var last = failure("no address")
        var isNobodyThere = !addresses.isEmpty
        for (index, address) in addresses.enumerated() {
            let left = deadline - KernelClock.sinceBoot
            let share = KernelClock.sinceBoot + left / (addresses.count - index)
            do {
                return try connect(to: address, by: share)
            } catch {
                last = error
                isNobodyThere = isNobodyThere && error.isNobodyThere
            }
        }
        last.isNobodyThere = isNobodyThere
        throw last
    }

    private func connect(
        to address: SocketAddress, by limit: Duration
    ) throws(StreamFailure) -> Int32 {
        let kind =
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            | Int32(SOCK_NONBLOCK.rawValue)
        let socket = Glibc.socket(address.family, kind, 0)
        guard socket >= 0 else { throw failure(phrase(errno)) }
        do throws(StreamFailure) {
            try finishConnecting(socket, to: address, by: limit)
            return socket
        } catch {
            close(socket)
            throw error
        }
    }

    private func finishConnecting(
        _ socket: Int32, to address: SocketAddress, by limit: Duration
    ) throws(StreamFailure) {
        while true {
            guard address.connect(socket) != 0 else { return }
            switch errno {
            case EISCONN: return
            case EINTR: continue
            case EINPROGRESS, EALREADY:
                try wait(socket, POLLOUT, "no connection", by: limit)
                try checkConnected(socket)
                return
            case EAGAIN:
                // A unix socket whose queue is full; it says nothing when there is room again.
                try pause(.milliseconds(2), "no connection", by: limit)
            case let number: throw unconnected(number)
            }
        }
    }

    private func checkConnected(_ socket: Int32) throws(StreamFailure) {
        var number: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(socket, SOL_SOCKET, SO_ERROR, &number, &size)
        guard number == 0 else { throw unconnected(number) }
    }

    /// A socket that does not exist, or that nobody has opened since its last owner ended.
    private func unconnected(_ number: Int32) -> StreamFailure {
        StreamFailure(
            mayHaveActed: false,
            isNobodyThere: number == ECONNREFUSED || number == ENOENT && !isBoundElsewhere,
            phrase(number))
    }

    /// The file of a socket may be gone while its owner still listens: the kernel keeps the name. Where
    /// it cannot be asked, somebody may.
    private var isBoundElsewhere: Bool {
        guard case .unix(let path) = request.endpoint,
            let table = try? readFile("/proc/net/unix", 16 << 20)
        else { return true }
        // HAProxy binds `PATH.PID.tmp` and renames it.
        return String(decoding: table, as: UTF8.self).split(separator: "\n")
            .contains { $0.hasSuffix(path) || $0.contains("\(path).") }
    }

    private mutating func send(to socket: Int32) throws(StreamFailure) {
        while sent < request.bytes.count {
            let count = request.bytes[sent...].withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count < 0 else {
                sent += count
                continue
            }
            try waitAfter(errno, socket, POLLOUT, "not everything was taken")
        }
    }

    private func receive(from socket: Int32) throws(StreamFailure) -> [UInt8] {
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = recv(socket, &chunk, chunk.count, 0)
            guard count != 0 else { return answer }
            guard count > 0 else {
                try waitAfter(errno, socket, POLLIN, "no complete answer")
                continue
            }
            guard answer.count + count <= request.answerLimit else {
                throw failure("the answer is longer than \(request.answerLimit) bytes")
            }
            answer += chunk[..<count]
        }
    }

    private func waitAfter(
        _ number: Int32, _ socket: Int32, _ event: Int32, _ missing: String
    ) throws(StreamFailure) {
        switch number {
        case EINTR: return
        case EAGAIN: try wait(socket, event, missing)
        default: throw failure(phrase(number))
        }
    }

    private func pause(
        _ length: Duration, _ missing: String, by limit: Duration
    ) throws(StreamFailure) {
        guard KernelClock.sinceBoot < limit else { throw late(missing) }
        var bellOnly = pollfd(fd: bell.descriptor, events: Int16(POLLIN), revents: 0)
        if poll(&bellOnly, 1, length.wholeMilliseconds) > 0 { throw failure("cancelled") }
    }

    private func wait(
        _ descriptor: Int32, _ event: Int32, _ missing: String, by limit: Duration? = nil,
        orThrow: Bool = true
    ) throws(StreamFailure) {
        var watched = [
            pollfd(fd: descriptor, events: Int16(event), revents: 0),
            pollfd(fd: bell.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let left = min(limit ?? deadline, deadline) - KernelClock.sinceBoot
            let count = poll(&watched, nfds_t(watched.count), left.wholeMilliseconds)
            if watched[1].revents != 0, count > 0 { throw failure("cancelled") }
            if count > 0 { return }
            guard left <= .zero else { continue }
            guard orThrow else { return }
            throw late(missing)
        }
    }

    private func late(_ missing: String) -> StreamFailure {
        failure("\(missing) within \(request.timeout.spoken)")
    }

    private func failure(_ message: String) -> StreamFailure {
        StreamFailure(mayHaveActed: sent > 0, message)
    }
}
