import Foundation
import Synchronization
import Testing

/// Ports on 127.0.0.1 that nobody listens on.
enum FreePort {
    private static let given = Mutex<Set<Int>>([])

    /// A port that was not given before, below those that the kernel takes for outgoing connections.
    static func find() throws -> Int {
        let port = (12_000..<20_000).shuffled().first { port in
            isFree(port) && given.withLock { $0.insert(port).inserted }
        }
        return try #require(port, "no port between 12000 and 19999 is free")
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return withUnsafeBytes(of: &address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { name in
                bind(descriptor, name.baseAddress, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
