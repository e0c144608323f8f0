package import NIOCore

/// Where the lines about single requests go: whole JSON lines, several at a time.
package struct AccessLog: Sendable {
    let write: @Sendable (ByteBuffer) -> Void

    /// `write` is called from event loops, one call at a time per loop, and should not block.
    package init(write: @escaping @Sendable (ByteBuffer) -> Void) {
        self.write = write
    }
}
