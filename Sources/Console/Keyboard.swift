import Glibc

/// Reads what a person types, without blocking a thread and in a way that can be cancelled.
enum Keyboard {
    private static let longestLine = 4096

    /// Forgets what was typed so far and not yet read.
    static func dropTypeAhead(of descriptor: Int32) {
        tcflush(descriptor, TCIFLUSH)
    }

    /// The next line without its line break. Nil at the end of the input and when the task is
    /// cancelled, also if a line had begun.
    static func readLine(from descriptor: Int32) async -> String? {
        var line: [UInt8] = []
        while line.count < longestLine {
            guard await isReadable(descriptor), let byte = nextByte(of: descriptor) else {
                return nil
            }
            guard byte != UInt8(ascii: "\n") else { break }
            line.append(byte)
        }
        return String(decoding: line, as: UTF8.self)
    }

    /// False when the task is cancelled.
    private static func isReadable(_ descriptor: Int32) async -> Bool {
        var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&ready, 1, 0) <= 0 {
            do { try await Task.sleep(for: .milliseconds(30)) } catch { return false }
        }
        return true
    }

    /// Nil at the end of the input.
    private static func nextByte(of descriptor: Int32) -> UInt8? {
        var byte: UInt8 = 0
        var count: Int
        repeat { count = read(descriptor, &byte, 1) } while count < 0 && errno == EINTR
        return count == 1 ? byte : nil
    }
}
