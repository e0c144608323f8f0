import Glibc
import Synchronization

/// An address as the kernel takes it.
struct SocketAddress: Sendable {
    let family: Int32
    private let bytes: [UInt8]

    /// `nil` where the path is too long for a socket.
    init?(unix path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array(path.utf8)
        guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        family = AF_UNIX
        bytes = withUnsafeBytes(of: address) { Array($0) }
    }

    private init(_ family: Int32, _ bytes: [UInt8]) {
        self.family = family
        self.bytes = bytes
    }

    /// The address that `host` spells out; `nil` for a name.
    static func numeric(_ host: String, _ port: Int) -> SocketAddress? {
        find(host, port, AI_NUMERICHOST).first
    }

    /// Asks the resolver of the system, which may take as long as it likes.
    static func named(_ host: String, _ port: Int) -> [SocketAddress] { find(host, port, 0) }

    func connect(_ socket: Int32) -> Int32 {
        withKernelAddress { Glibc.connect(socket, $0, $1) }
    }

    func withKernelAddress<Answer>(
        _ use: (UnsafePointer<sockaddr>?, socklen_t) -> Answer
    ) -> Answer {
        bytes.withUnsafeBytes { raw in
            raw.withMemoryRebound(to: sockaddr.self) {
                use($0.baseAddress, socklen_t(raw.count))
            }
        }
    }

    /// As `numeric` reads it; `nil` for a path.
    var text: String? {
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let failure = withKernelAddress {
            getnameinfo($0, $1, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST)
        }
        guard failure == 0, family != AF_UNIX else { return nil }
        return String(decoding: host.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func find(_ host: String, _ port: Int, _ flags: Int32) -> [SocketAddress] {
        var wish = addrinfo()
        wish.ai_socktype = Int32(SOCK_STREAM.rawValue)
        wish.ai_flags = flags | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &wish, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        return sequence(first: list) { $0?.pointee.ai_next }.compactMap { item in
            guard let entry = item?.pointee, let address = entry.ai_addr else { return nil }
            let raw = UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen))
            return SocketAddress(entry.ai_family, Array(raw))
        }
    }
}

/// A name that is being resolved on a thread of its own, which nobody has to wait for.
final class NameLookup: Sendable {
    /// Rings when `addresses` is filled; empty then means that there are none.
    let done: Bell
    private let found = Mutex<[SocketAddress]>([])

    /// `nil` where the process has no descriptors left.
    init?(_ host: String, _ port: Int) {
        guard let bell = Bell() else { return nil }
        done = bell
        PlainThread.start { [self] in
            let addresses = SocketAddress.named(host, port)
            found.withLock { $0 = addresses }
            done.ring()
        }
    }

    var addresses: [SocketAddress] { found.withLock { $0 } }

    var isDone: Bool { wait(until: .zero) }

    /// Blocks the thread; returns whether there is an answer.
    @discardableResult
    func wait(until limit: Duration) -> Bool {
        var bell = pollfd(fd: done.descriptor, events: Int16(POLLIN), revents: 0)
        let left = max(.zero, limit - KernelClock.sinceBoot)
        return poll(&bell, 1, left.wholeMilliseconds) > 0
    }
}
