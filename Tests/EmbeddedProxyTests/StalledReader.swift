import Glibc
import Synchronization
import Testing

/// Takes nothing until it is told to go on.
final class StalledReader: Sendable {
    private let taken = Mutex<[String]>([])
    private let gate: (read: Int32, write: Int32)

    init() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        gate = (ends[0], ends[1])
    }

    deinit { close(gate.read) }

    var lines: [String] { taken.withLock { $0 }.joined().split(separator: "\n").map { $0 + "\n" } }
    /// The lines without their time and line feed.
    var words: [String] { lines.map { String($0.dropFirst(21).dropLast()) } }

    func goOn() { close(gate.write) }

    func take(_ line: String) {
        var byte: UInt8 = 0
        _ = read(gate.read, &byte, 1)
        taken.withLock { $0.append(line) }
    }
}
