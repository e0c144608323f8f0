/// Cuts a stream of bytes into lines at line feeds and nothing else.
///
/// Lines longer than 16 KiB come in pieces, so that a program without line ends costs no memory.
struct LineSplitter {
    private static let limit = 16 << 10

    private let line: (_ text: String, _ isContinued: Bool) -> Void
    private var pending: [UInt8] = []

    init(_ line: @escaping (_ text: String, _ isContinued: Bool) -> Void) { self.line = line }

    mutating func feed(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            take(rest[..<end])
            give()
            rest = rest[(end + 1)...]
        }
        take(rest)
    }

    /// Gives the last line where it has no line end.
    mutating func finish() {
        if !pending.isEmpty { give() }
    }

    private mutating func take(_ bytes: Slice<UnsafeRawBufferPointer>) {
        var rest = bytes
        while pending.count + rest.count > Self.limit {
            let piece = rest.prefix(Self.limit - pending.count)
            pending += piece
            rest = rest.dropFirst(piece.count)
            givePiece()
        }
        pending += rest
    }

    /// What is pending, but for the beginning of a character whose end has not come yet.
    private mutating func givePiece() {
        let last = pending.suffix(4).lastIndex { $0 & 0xC0 != 0x80 } ?? pending.endIndex
        let isCut = last < pending.endIndex && pending.endIndex - last < Self.length(pending[last])
        let rest = isCut ? Array(pending[last...]) : []
        pending.removeLast(rest.count)
        line(String(decoding: pending, as: UTF8.self), true)
        pending = rest
    }

    /// How many bytes a character has that begins so.
    private static func length(_ first: UInt8) -> Int {
        switch first {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 1
        }
    }

    private mutating func give() {
        if pending.last == UInt8(ascii: "\r") { pending.removeLast() }
        line(String(decoding: pending, as: UTF8.self), false)
        pending.removeAll(keepingCapacity: true)
    }
}
