/// How long a body is said to be.
enum BodyFraming: Equatable {
    case none
    case length(Int)
    case chunked
    /// Answers only: everything until the connection is closed.
    case untilClose

    /// Collects what the fields of one head say about the length of its body.
    struct Claims {
        private(set) var length: Int?
        private(set) var isChunked = false

        mutating func addLength(_ bytes: Bytes, _ value: Range<Int>) throws(Refusal) {
            guard length == nil else { throw .malformed("Content-Length is repeated.") }
            guard let number = bytes.decimal(value) else {
                throw .malformed("Content-Length is not a number.")
            }
            length = number
        }

        mutating func addCoding(_ bytes: Bytes, _ value: Range<Int>) throws(Refusal) {
            guard !isChunked else { throw .malformed("Transfer-Encoding is repeated.") }
            guard bytes.spells("chunked", value) else {
                throw Refusal(501, "The transfer coding is not supported.")
            }
            isChunked = true
        }

        /// `minor` is that of the HTTP version; chunks do not exist in 1.0.
        func framing(minor: Int) throws(Refusal) -> BodyFraming? {
            guard isChunked else { return length.map { .length($0) } }
            guard length == nil else {
                throw .malformed("Content-Length and Transfer-Encoding contradict each other.")
            }
            guard minor > 0 else { throw .malformed("HTTP/1.0 has no Transfer-Encoding.") }
            return .chunked
        }
    }
}
