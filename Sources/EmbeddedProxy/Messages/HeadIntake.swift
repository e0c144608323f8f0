import NIOCore

/// Collects what a client sends until a whole head is there.
struct HeadIntake {
    /// What was read and belongs to no exchange yet.
    var bytes = ByteBuffer()
    /// At least one byte of the next head is here.
    private(set) var hasBegun = false
    private var scanner = HeadScanner()
    private var mayBeginWithEmptyLine = true

    mutating func add(_ more: ByteBuffer) { bytes.takeIn(more) }

    /// The next head begins where the bytes begin.
    mutating func startOver() {
        hasBegun = false
        scanner = HeadScanner()
        mayBeginWithEmptyLine = true
    }

    /// Takes a head off the bytes.
    mutating func drop(_ length: Int) {
        bytes.moveReaderIndex(forwardBy: length)
        if bytes.readableBytes == 0 { bytes = ByteBuffer() }
    }

    /// The length of the head at the front, or `nil` while it is not whole.
    mutating func headLength(_ limits: HeadScanner.Limits) throws(Refusal) -> Int? {
        skipEmptyLine()
        guard bytes.readableBytes > 0 else { return nil }
        hasBegun = true
        return try bytes.withUnsafeReadableBytes { bytes in
            do throws(Refusal) {
                return Result<Int?, Refusal>.success(try scanner.end(in: bytes, limits))
            } catch {
                return .failure(error)
            }
        }.get()
    }

    /// RFC 9112, section 2.2: one empty line before a request is forgiven.
    private mutating func skipEmptyLine() {
        guard mayBeginWithEmptyLine, bytes.readableBytes >= 2 else { return }
        mayBeginWithEmptyLine = false
        let isEmptyLine = bytes.getInteger(at: bytes.readerIndex, as: UInt16.self) == 0x0D0A
        if isEmptyLine { bytes.moveReaderIndex(forwardBy: 2) }
    }
}

extension ByteBuffer {
    /// Appends, and gives back the space of what was read: a peer that always leaves a rest must not
    /// make the buffer grow.
    mutating func takeIn(_ more: ByteBuffer) {
        guard readableBytes > 0 else {
            self = more
            return
        }
        discardReadBytes()
        writeImmutableBuffer(more)
    }
}
