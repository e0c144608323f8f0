/// Finds where messages end, for peers that only need to know when the other is done.
package enum MessageEnd {
    /// The length of the first message, or `nil` while it is not whole. A body without a length has no
    /// end here; an answer to HEAD has none.
    package static func first(in bytes: [UInt8], hasNoBody: Bool = false) -> Int? {
        guard let head = bytes.offset(of: "\r\n\r\n".octets, from: 0).map({ $0 + 4 }) else {
            return nil
        }
        let text = String(decoding: bytes[..<head], as: UTF8.self).lowercased()
        if isInterim(text) {
            return first(in: Array(bytes[head...]), hasNoBody: hasNoBody).map { head + $0 }
        }
        if hasNoBody || text.hasPrefix("http/1.1 204") || text.hasPrefix("http/1.1 304")
            || text.hasPrefix("http/1.1 101")
        {
            return head
        }
        if text.contains("transfer-encoding: chunked") {
            return bytes.offset(of: "0\r\n".octets, from: head - 1)
                .flatMap { bytes.offset(of: "\r\n\r\n".octets, from: $0 + 1) }.map { $0 + 4 }
        }
        guard let length = contentLength(text) else { return text.hasPrefix("http/") ? nil : head }
        return bytes.count >= head + length ? head + length : nil
    }

    /// How many whole messages there are.
    package static func count(in bytes: [UInt8], hasNoBody: Bool = false) -> Int {
        var (rest, count) = (bytes, 0)
        while let end = first(in: rest, hasNoBody: hasNoBody) {
            rest = Array(rest[end...])
            count += 1
        }
        return count
    }

    private static func isInterim(_ head: String) -> Bool {
        head.hasPrefix("http/1.1 1") && !head.hasPrefix("http/1.1 101")
    }

    private static func contentLength(_ head: String) -> Int? {
        let line = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
        return line.flatMap { Int($0.dropFirst(15).filter { $0 != " " && $0 != "\t" }) }
    }
}
