import Glibc

/// Finds the end of a head that arrives in pieces, without looking at any byte twice.
///
/// A line must end with CR LF: a bare LF is where two recipients begin to disagree.
struct HeadScanner {
    struct Limits {
        var firstLine: Int
        var bytes: Int
        /// Lines after the first.
        var lines: Int
    }

    private var lineStart = 0
    private var scanned = 0
    private var lines = 0

    /// The length of the head with its empty line, or `nil` while that has not arrived. `bytes` are all
    /// that arrived of it so far.
    mutating func end(in bytes: Bytes, _ limits: Limits) throws(Refusal) -> Int? {
        while let base = bytes.baseAddress, scanned < bytes.count,
            let found = memchr(base + scanned, Int32(Octet.lineFeed), bytes.count - scanned)
        {
            let lineFeed = UnsafeRawPointer(found) - base
            guard lineFeed > lineStart, bytes[lineFeed - 1] == Octet.carriageReturn else {
                throw .malformed("A line does not end with CR LF.")
            }
            let isEmpty = lineFeed - 1 == lineStart
            try check(upTo: lineFeed + 1, limits)
            scanned = lineFeed + 1
            lineStart = scanned
            guard !isEmpty else { return scanned }
            lines += 1
        }
        scanned = bytes.count
        try check(upTo: scanned, limits)
        return nil
    }

    private func check(upTo end: Int, _ limits: Limits) throws(Refusal) {
        if lines == 0, end - lineStart > limits.firstLine {
            throw Refusal(414, "The request line is too long.")
        }
        guard end <= limits.bytes else { throw Refusal(431, "The head is too large.") }
        guard lines <= limits.lines + 1 else {
            throw Refusal(431, "The head has too many fields.")
        }
    }
}
