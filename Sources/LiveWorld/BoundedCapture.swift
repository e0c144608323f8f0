/// The beginning and the end of what a program wrote, 64 KiB at most; `…` at both sides of what is
/// missing.
struct BoundedCapture {
    private static let headLimit = 32 << 10
    /// Leaves room for the sentence about what is missing.
    private static let tailLimit = (32 << 10) - 64

    private var head: [UInt8] = []
    private var tail: [UInt8] = []
    private var leftOut = 0

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        let first = bytes.prefix(Self.headLimit - head.count)
        head += first
        tail += bytes.dropFirst(first.count)
        if tail.count > 2 * Self.tailLimit { trim() }
    }

    var text: String {
        var whole = self
        whole.trim()
        let gap = whole.leftOut > 0 ? "…\n[\(whole.leftOut) bytes left out]\n…" : ""
        return String(decoding: whole.head + Array(gap.utf8) + whole.tail, as: UTF8.self)
    }

    private mutating func trim() {
        let surplus = tail.count - Self.tailLimit
        guard surplus > 0 else { return }
        tail.removeFirst(surplus)
        leftOut += surplus
    }
}
