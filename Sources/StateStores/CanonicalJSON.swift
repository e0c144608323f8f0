import Contracts
import FoundationEssentials

/// JSON that is always spelled the same: sorted keys, nothing but ASCII.
enum CanonicalJSON {
    static func bytes(_ value: some Encodable, isPretty: Bool = false) throws(Failure) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
        do {
            return escaped(Array(try encoder.encode(value)))
        } catch {
            throw Failure(.recordUnwritable, "An event cannot be written as JSON: \(error).")
        }
    }

    private static func escaped(_ json: [UInt8]) -> [UInt8] {
        guard json.contains(where: { $0 > 126 }) else { return json }
        return String(decoding: json, as: UTF8.self).utf16.flatMap { unit -> [UInt8] in
            guard unit > 126 else { return [UInt8(truncatingIfNeeded: unit)] }
            let digits = String(unit, radix: 16)
            return Array("\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8)
        }
    }
}
