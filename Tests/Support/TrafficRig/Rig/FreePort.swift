import Glibc
import Synchronization

/// Ports on 127.0.0.1 that nobody listens on.
package enum FreePort {
    private static let given = Mutex<Set<Int>>([])

    /// A port that this process has not been given before. It lies outside the range that the
    /// kernel takes for outgoing connections, so it stays free until the caller binds it.
    package static func next() throws -> Int {
        for port in (20_000..<32_000).shuffled() where isFree(port) {
            if given.withLock({ $0.insert(port).inserted }) { return port }
        }
        throw RigFailure("no port between 20000 and 31999 is free")
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafeBytes(of: &address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { bound in
                bind(descriptor, bound.baseAddress, socklen_t(bytes.count))
            }
        }
        return result == 0
    }
}
