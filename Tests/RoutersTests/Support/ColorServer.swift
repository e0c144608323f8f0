import Foundation
import Synchronization
import Testing

/// Answers every request on a port of 127.0.0.1 with one word, until it is released.
final class ColorServer: Sendable {
    let port: Int
    private let listener: Int32
    private let heard = Heard()

    private final class Heard: Sendable {
        let lines = Mutex<[String]>([])
    }

    /// The first line of every request, oldest first.
    var requests: [String] { heard.lines.withLock(\.self) }

    init(_ word: String) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout.size(ofValue: address))
        let isBound = withUnsafeMutableBytes(of: &address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) {
                bind(listener, $0.baseAddress, length) == 0
                    && getsockname(listener, $0.baseAddress, &length) == 0
            }
        }
        try #require(isBound && listen(listener, 64) == 0)
        port = Int(in_port_t(bigEndian: address.sin_port))
        self.listener = listener
        let answer = Array(
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: \(word.utf8.count)\r\n\r\n\(word)"
                .utf8)
        Thread.detachNewThread { [heard] in
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                var request = [UInt8](repeating: 0, count: 4096)
                let count = max(0, recv(connection, &request, request.count, 0))
                let text = String(decoding: request[..<count], as: UTF8.self)
                heard.lines.withLock { $0.append(String(text.prefix { $0 != "\r\n" })) }
                _ = send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
                close(connection)
            }
            close(listener)
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }
}
