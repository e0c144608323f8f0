import Crypto

/// Sums that name contents and tie lines of the record together.
enum Checksum {
    /// The first 32 hexadecimal digits of the SHA-256 of a line, without its line end.
    static func hash(_ line: some Sequence<UInt8>) -> String {
        hexadecimal(SHA256.hash(data: Array(line)).prefix(16))
    }

    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
