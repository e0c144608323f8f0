import Glibc

/// Speaks bytes, not HTTP, to a port of 127.0.0.1. Blocks its thread, never longer than its deadlines.
package final class RawClient {
    package struct NoConnection: Error {
        package var port: Int
    }

    private var socket: Int32
    package private(set) var received: [UInt8] = []
    /// The peer has closed its direction, or has reset the connection.
    package private(set) var hasEnded = false
    package private(set) var wasReset = false

    /// A small `receiveBuffer` makes a reader slow in fact and not only in name.
    package init(port: Int, receiveBuffer: Int32? = nil) throws {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        socket = Glibc.socket(AF_INET, kind, 0)
        if var size = receiveBuffer {
            setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let outcome = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard outcome == 0 else { throw NoConnection(port: port) }
    }

    deinit { close() }

    /// What the peer does not take within the deadline is not sent.
    ///
    /// - Returns: how many bytes were sent.
    @discardableResult
    package func send(_ bytes: [UInt8], within limit: Duration = .seconds(2)) -> Int {
        let deadline = ContinuousClock.now + limit
        var sent = 0
        while sent < bytes.count, wait(for: POLLOUT, until: deadline) {
            let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, flags)
            }
            guard count > 0 else { break }
            sent += count
        }
        return sent
    }

    @discardableResult
    package func send(_ text: String) -> Int { send(text.octets) }

    /// Reads until `isEnough` or the end.
    ///
    /// - Returns: whether it was enough before the deadline.
    @discardableResult
    package func read(
        within limit: Duration = .seconds(5), until isEnough: ([UInt8]) -> Bool
    ) -> Bool {
        let deadline = ContinuousClock.now + limit
        while !isEnough(received) {
            guard !hasEnded, wait(for: POLLIN, until: deadline) else { return false }
            readOnce()
        }
        return true
    }

    @discardableResult
    package func read(within limit: Duration = .seconds(5), until text: String) -> Bool {
        read(within: limit) { $0.contains(text.octets) }
    }

    /// - Returns: whether the peer ended the connection before the deadline.
    @discardableResult
    package func readToEnd(within limit: Duration = .seconds(5)) -> Bool {
        read(within: limit) { _ in false }
        return hasEnded
    }

    package var text: String { String(decoding: received, as: UTF8.self) }

    package func forget() { received = [] }

    package func endOutput() { shutdown(socket, Int32(SHUT_WR)) }

    /// Ends the connection with a reset.
    package func reset() {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    package func close() {
        guard socket >= 0 else { return }
        Glibc.close(socket)
        socket = -1
    }

    private func readOnce() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(socket, &buffer, buffer.count, 0)
        if count > 0 {
            received += buffer[..<count]
        } else {
            hasEnded = true
            wasReset = count < 0
        }
    }

    private func wait(for events: Int32, until deadline: ContinuousClock.Instant) -> Bool {
        let left = ContinuousClock.now.duration(to: deadline).components
        let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
        guard milliseconds >= 0 else { return false }
        var entry = pollfd(fd: socket, events: Int16(events), revents: 0)
        return poll(&entry, 1, Int32(milliseconds)) > 0
    }
}

extension String {
    /// One octet per character of Latin-1, so that a table can hold any bytes.
    package var octets: [UInt8] { unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }
}

extension [UInt8] {
    package func contains(_ needle: [UInt8]) -> Bool { offset(of: needle, from: 0) != nil }

    package func offset(of needle: [UInt8], from start: Int) -> Int? {
        guard !needle.isEmpty, count >= needle.count, start <= count - needle.count else {
            return nil
        }
        return (start...count - needle.count).first { offset in
            self[offset] == needle[0] && self[offset..<offset + needle.count].elementsEqual(needle)
        }
    }
}
