import Crypto

/// Names contents, so that two machines can tell whether they mean the same.
package enum Fingerprint {
    /// SHA-256 as 64 hexadecimal digits.
    package static func sha256(_ bytes: some Sequence<UInt8>) -> String {
        Checksum.hexadecimal(SHA256.hash(data: Array(bytes)))
    }
}
