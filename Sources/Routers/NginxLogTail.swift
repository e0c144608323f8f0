import Contracts

/// A log that is open, and how far it was read.
struct NginxLogTail {
    private static let chunk = 1 << 20
    private static let longestLine = 64 << 10
    private static let newline = UInt8(ascii: "\n")

    let file: FollowedFile
    private var offset = 0
    /// The beginning of a line that is not whole yet.
    private var rest: [UInt8] = []

    /// At its beginning.
    init(_ file: FollowedFile) {
        self.file = file
    }

    /// Goes to the end. Returns the last whole line, as an example.
    mutating func skip() throws(FileFailure) -> ArraySlice<UInt8>? {
        let start = max(0, try file.length() - Self.longestLine)
        let bytes = try file.read(start, Self.longestLine)
        offset = start + bytes.count
        let lines = bytes.split(separator: Self.newline, omittingEmptySubsequences: false)
        rest = Array(lines.last ?? [])
        return lines.dropLast().last
    }

    /// How many bytes were not read yet.
    mutating func unread() throws(FileFailure) -> Int {
        let length = try file.length()
        // Somebody copied it and emptied it.
        if length < offset { (offset, rest) = (0, []) }
        return length - offset
    }

    /// The next lines that are whole; `nil` at the end. What has no line end for long counts as a line.
    mutating func lines() throws(FileFailure) -> [ArraySlice<UInt8>]? {
        let bytes = try file.read(offset, Self.chunk)
        guard !bytes.isEmpty else { return nil }
        offset += bytes.count
        var lines = (rest + bytes).split(
            separator: Self.newline, omittingEmptySubsequences: false)
        rest = Array(lines.popLast() ?? [])
        if rest.count > Self.longestLine {
            lines.append(rest[...])
            rest = []
        }
        return lines
    }
}
