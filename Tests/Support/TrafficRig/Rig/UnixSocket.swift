import Glibc

/// One question to a unix socket whose other side closes after the answer.
package enum UnixSocket {
    /// Sends `text`, closes the sending half, reads to the end; blocks at most `limit` per step.
    package static func ask(
        _ path: String, _ text: String, limit: Duration = .seconds(2)
    ) throws -> String {
        let descriptor = try connect(to: path, limit)
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw failure("cannot write to", path) }
            rest = rest.dropFirst(count)
        }
        shutdown(descriptor, Int32(SHUT_WR))
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else { throw failure("no answer from", path) }
            guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
            answer += buffer[..<count]
        }
    }

    private static func connect(to path: String, _ limit: Duration) throws -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array(path.utf8)
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw RigFailure("\(path) is too long for a unix socket")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        guard descriptor >= 0 else { throw failure("no socket for", path) }
        var time = timeval(tv_sec: Int(limit.components.seconds), tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(
                descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
        let result = withUnsafeBytes(of: &address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { bound in
                Glibc.connect(descriptor, bound.baseAddress, socklen_t(bytes.count))
            }
        }
        guard result == 0 else {
            defer { close(descriptor) }
            throw failure("cannot connect to", path)
        }
        return descriptor
    }

    private static func failure(_ what: String, _ path: String) -> SocketFailure {
        SocketFailure(description: "\(what) \(path): \(String(cString: strerror(errno)))")
    }
}

/// A socket did not answer; where its owner is only starting, it may a moment later.
package struct SocketFailure: Error, CustomStringConvertible {
    package let description: String
}
