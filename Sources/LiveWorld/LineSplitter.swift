/// Cuts a stream of bytes into lines at line feeds and nothing else.
///
/// Lines longer than 16 KiB come in pieces, so that a program without line ends costs no memory.
struct LineSplitter {
    private static let limit = 16 << 10

    private let line: (String) -> Void
    private var pending: [UInt8] = []

    init(_ line: @escaping (String) -> Void) { self.line = line }

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
            give()
        }
        pending += rest
    }

    private mutating func give() {
        if pending.last == UInt8(ascii: "\r") { pending.removeLast() }
        line(String(decoding: pending, as: UTF8.self))
        pending.removeAll(keepingCapacity: true)
    }
}
