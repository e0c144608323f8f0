import Glibc
import Synchronization

@testable import LiveWorld

/// A server on loopback whose connections are served by a closure on a thread each.
final class LoopbackServer: Sendable {
    struct CannotListen: Error { let number: Int32 }

    /// One accepted connection; closed when its closure returns.
    struct Connection: Sendable {
        let socket: Int32
        let clientPort: Int

        /// Everything until the peer closes its side.
        func readAll() -> [UInt8] { read { _ in false } }

        /// The head of an HTTP request, and what of its body came with it.
        func readHead() -> String {
            let bytes = read { String(decoding: $0, as: UTF8.self).contains("\r\n\r\n") }
            return String(decoding: bytes, as: UTF8.self)
        }

        func write(_ text: String) {
            let bytes = Array(text.utf8)
            send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        }

        /// Answers and closes.
        func answer(_ body: String, status: String = "200 OK", headers: String = "") {
            write(
                "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n"
                    + "\(headers)\r\n\(body)")
        }

        private func read(until isEnough: ([UInt8]) -> Bool) -> [UInt8] {
            var all: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 4096)
            while !isEnough(all) {
                let count = recv(socket, &chunk, chunk.count, 0)
                guard count > 0 else { return all }
                all += chunk[..<count]
            }
            return all
        }
    }

    let port: Int
    private let listener: Int32

    var address: String { "127.0.0.1:\(port)" }

    /// On a free port, or at a path.
    init(at path: String? = nil, _ serve: @escaping @Sendable (Connection) -> Void) throws {
        let family = path == nil ? AF_INET : AF_UNIX
        let listener = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let address = path.map { SocketAddress(unix: $0) } ?? SocketAddress.numeric("127.0.0.1", 0)
        guard let address, address.bind(listener) == 0, listen(listener, 128) == 0 else {
            throw CannotListen(number: errno)
        }
        self.listener = listener
        port = path == nil ? Self.port(listener, getsockname) : 0
        PlainThread.start { Self.acceptAll(listener, serve) }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    private static func acceptAll(
        _ listener: Int32, _ serve: @escaping @Sendable (Connection) -> Void
    ) {
        while true {
            let socket = accept(listener, nil, nil)
            guard socket >= 0 else { break }
            let connection = Connection(socket: socket, clientPort: port(socket, getpeername))
            PlainThread.start {
                serve(connection)
                close(socket)
            }
        }
        close(listener)
    }

    private static func port(
        _ socket: Int32,
        _ ask: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> Int {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { ask(socket, $0, &size) }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

/// A port on which nobody listens and that nobody else can get meanwhile.
final class ClosedPort: Sendable {
    let port: Int
    private let socket: Int32

    init() throws {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard let address = SocketAddress.numeric("127.0.0.1", 0), address.bind(socket) == 0
        else { throw LoopbackServer.CannotListen(number: errno) }
        var bound = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &bound) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) }
        }
        port = Int(UInt16(bigEndian: bound.sin_port))
        self.socket = socket
    }

    deinit { close(socket) }
}

extension SocketAddress {
    func bind(_ socket: Int32) -> Int32 {
        withKernelAddress { Glibc.bind(socket, $0, $1) }
    }
}
