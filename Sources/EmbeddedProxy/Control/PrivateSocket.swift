import Glibc
import NIOCore
import NIOPosix

/// Opens a unix socket that is for this user alone from its first moment on.
enum PrivateSocket {
    /// Called while the proxy starts: the mask of the process is changed for as long as it takes.
    static func bind(_ bootstrap: ServerBootstrap, at path: String) async throws -> any Channel {
        let former = umask(0o177)
        defer { umask(former) }
        return try await bootstrap.bind(unixDomainSocketPath: path).get()
    }
}
