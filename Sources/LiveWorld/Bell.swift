import Glibc

/// Wakes a thread that waits in `poll`: once rung, its descriptor stays readable.
final class Bell: Sendable {
    let descriptor: Int32
    private let cord: Int32

    /// `nil` where the process has no descriptors left.
    init?() {
        var pair: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &pair) == 0 else { return nil }
        (descriptor, cord) = (pair[0], pair[1])
    }

    deinit {
        close(descriptor)
        close(cord)
    }

    func ring() { shutdown(cord, Int32(SHUT_WR)) }
}
