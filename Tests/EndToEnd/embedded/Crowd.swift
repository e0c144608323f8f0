import Glibc
import Synchronization
import TrafficRig

/// Connections that say nothing, from clients that come again when they are sent away.
final class Crowd: Sendable {
    private let port: Int
    private let size: Int
    private let sockets = Mutex<[Int32]>([])

    init(of size: Int, at port: Int) {
        self.size = size
        self.port = port
    }

    /// Asks for as many descriptors as this process may have; returns how many it has now.
    static func raiseLimit() -> Int {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        getrlimit(resource, &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
        return sysconf(Int32(_SC_OPEN_MAX))
    }

    /// Keeps all of them there for as long as `body` takes, and sends them home.
    static func besieging<Result>(
        _ port: Int, size: Int, _ body: () async throws -> Result
    ) async throws -> Result {
        let crowd = Crowd(of: size, at: port)
        defer { crowd.leave() }
        return try await withThrowingTaskGroup { group in
            group.addTask { try await crowd.stay() }
            defer { group.cancelAll() }
            try await eventually("the crowd to come") { crowd.count >= size }
            return try await body()
        }
    }

    var count: Int { sockets.withLock { $0.count } }

    /// Comes once, and does not come again.
    func come() throws {
        for _ in count..<size {
            let next = try Self.connect(to: port)
            sockets.withLock { $0.append(next) }
        }
    }

    func leave() {
        for socket in sockets.withLock({ $0 }) { close(socket) }
        sockets.withLock { $0 = [] }
    }

    /// How many of them the server has not sent away.
    func staying() -> Int {
        sockets.withLock { $0.count { !Self.hasEnded($0) } }
    }

    private func stay() async throws {
        while !Task.isCancelled {
            let ended = sockets.withLock { sockets in
                let ended = sockets.filter { Self.hasEnded($0) }
                sockets.removeAll { ended.contains($0) }
                return ended
            }
            for socket in ended { close(socket) }
            try come()
            // Cancelled means that the siege is over.
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    private static func hasEnded(_ socket: Int32) -> Bool {
        var byte: UInt8 = 0
        let count = recv(socket, &byte, 1, Int32(MSG_DONTWAIT) | Int32(MSG_PEEK))
        return count == 0 || (count < 0 && errno != EAGAIN)
    }

    private static func connect(to port: Int) throws -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue) | O_CLOEXEC | O_NONBLOCK
        let socket = Glibc.socket(AF_INET, kind, 0)
        guard socket >= 0 else {
            throw RigFailure("no socket: \(String(cString: strerror(errno)))")
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let outcome = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard outcome == 0 || errno == EINPROGRESS else {
            close(socket)
            throw RigFailure("nobody accepts on port \(port)")
        }
        return socket
    }
}
