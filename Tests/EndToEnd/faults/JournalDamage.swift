import FoundationEssentials

/// One way in which the newest journal can come back from a disk.
enum JournalDamage: CustomStringConvertible {
    case cut(Int)
    case flipped(byte: Int, bit: Int)
    case zeroTail(Int)
    case garbageTail
    case dropped(Int)
    case doubled(Int)
    case swapped(Int)

    var description: String {
        switch self {
        case .cut(let length): "cut to \(length) bytes"
        case .flipped(let byte, let bit): "byte \(byte) bit \(bit) flipped"
        case .zeroTail(let length): "\(length) zeros at the end"
        case .garbageTail: "garbage at the end"
        case .dropped(let line): "line \(line) dropped"
        case .doubled(let line): "line \(line) doubled"
        case .swapped(let line): "line \(line) swapped with the next"
        }
    }

    /// Every damage that `bytes` can take; of flips one bit of each byte.
    static func all(of bytes: [UInt8]) -> [JournalDamage] {
        let lines = bytes.count { $0 == UInt8(ascii: "\n") }
        return (0..<bytes.count).map { .cut($0) }
            + (0..<bytes.count).map { .flipped(byte: $0, bit: $0 % 8) }
            + [1, 7, 100, 4096].map { .zeroTail($0) } + [.garbageTail]
            + (0..<lines).flatMap { [.dropped($0), .doubled($0)] }
            + (0..<max(0, lines - 1)).map { .swapped($0) }
    }

    func applied(to bytes: [UInt8]) -> [UInt8] {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        switch self {
        case .cut(let length): return Array(bytes.prefix(length))
        case .flipped(let byte, let bit):
            var result = bytes
            result[byte] ^= 1 << bit
            return result
        case .zeroTail(let length): return bytes + [UInt8](repeating: 0, count: length)
        case .garbageTail: return bytes + Array("{\"n\":99,\u{1B}]52;c;\u{0}garbage".utf8)
        case .dropped(let line): lines.remove(at: line)
        case .doubled(let line): lines.insert(lines[line], at: line)
        case .swapped(let line): lines.swapAt(line, line + 1)
        }
        return Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    }
}
