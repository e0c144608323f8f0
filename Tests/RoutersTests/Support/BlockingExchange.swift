import Contracts
import Foundation

/// The real thing for tests: connects, sends, closes its side as it is told, reads to the end.
enum BlockingExchange {
    static func exchange(_ request: StreamRequest) throws(StreamFailure) -> [UInt8] {
        let descriptor = try connected(to: request)
        defer { close(descriptor) }
        let sent = request.bytes.withUnsafeBytes {
            send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard sent == request.bytes.count,
            request.keepsOpen || shutdown(descriptor, Int32(SHUT_WR)) == 0
        else {
            throw StreamFailure(mayHaveActed: true, "cannot send")
        }
        return try answer(from: descriptor)
    }

    static func connected(to request: StreamRequest) throws(StreamFailure) -> Int32 {
        let descriptor: Int32
        switch request.endpoint {
        case .unix(let path):
            descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            limit(descriptor, to: request.timeout)
            try open(descriptor, unixAddress(path))
        case .tcp(_, let port):
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            limit(descriptor, to: request.timeout)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            try open(descriptor, address)
        }
        return descriptor
    }

    private static func open<Address>(
        _ descriptor: Int32, _ address: Address
    ) throws(StreamFailure) {
        let outcome = withUnsafeBytes(of: address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) {
                connect(descriptor, $0.baseAddress, socklen_t(bytes.count))
            }
        }
        guard outcome == 0 else {
            close(descriptor)
            throw StreamFailure(mayHaveActed: false, String(cString: strerror(errno)))
        }
    }

    private static func unixAddress(_ path: String) -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return address
    }

    private static func limit(_ descriptor: Int32, to timeout: Duration) {
        let parts = timeout.components
        var time = timeval(
            tv_sec: Int(parts.seconds), tv_usec: Int(parts.attoseconds / 1_000_000_000_000))
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, size)
    }

    private static func answer(from descriptor: Int32) throws(StreamFailure) -> [UInt8] {
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else { throw StreamFailure(mayHaveActed: true, "timed out") }
            if count == 0 { return answer }
            answer += buffer[..<count]
        }
    }
}
