/// The host of an address, as far as it matters for refusing it.
///
/// It is judged as written; what a name resolves to is for whoever connects.
enum RequestHost: Hashable {
    case name(String)
    case version4(UInt32)
    /// Eight groups.
    case version6([UInt16])

    /// Reads `host`, `host:port` or `[address]:port`.
    init?(authority: Substring) {
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]"),
                Self.isPort(authority[authority.index(after: end)...]),
                let groups = Self.groups(authority[..<end].dropFirst())
            else { return nil }
            self = .version6(groups)
            return
        }
        let host = authority.prefix { $0 != ":" }
        guard Self.isPort(authority[host.endIndex...]) else { return nil }
        self.init(named: host)
    }

    /// Link-local addresses, and the names and addresses where clouds hand out credentials.
    var isForbidden: Bool {
        switch self {
        case .name(let name):
            return Self.metadataNames.contains(name)
        case .version4(let address):
            return address >> 16 == 0xA9FE || address == 0x6464_64C8
        case .version6(let groups):
            if groups[0] & 0xFFC0 == 0xFE80 || groups.starts(with: [0xFD00, 0x0EC2]) {
                return true
            }
            let embeds = Self.prefixesBeforeVersion4.contains(Array(groups.prefix(6)))
            return embeds
                && RequestHost.version4(UInt32(groups[6]) << 16 | UInt32(groups[7])).isForbidden
        }
    }

    private static let metadataNames: Set = [
        "metadata", "metadata.google.internal", "metadata.goog", "metadata.azure.internal",
        "instance-data", "instance-data.ec2.internal",
    ]

    /// Mapped, compatible and translated addresses of version 4.
    private static let prefixesBeforeVersion4: Set<[UInt16]> = [
        [0, 0, 0, 0, 0, 0xFFFF], [0, 0, 0, 0, 0, 0], [0x64, 0xFF9B, 0, 0, 0, 0],
        [0, 0, 0, 0, 0xFFFF, 0],
    ]

    private init?(named host: Substring) {
        var labels = host.lowercased().split(separator: ".", omittingEmptySubsequences: false)
        if labels.last?.isEmpty == true { labels.removeLast() }
        guard let last = labels.last, labels.allSatisfy(Self.isLabel) else { return nil }
        // A name whose last part is a number is an address in one of its old spellings, or nothing.
        guard last.first?.isNumber == true, Self.number(last) != nil else {
            self = .name(labels.joined(separator: "."))
            return
        }
        guard let address = Self.address(labels) else { return nil }
        self = .version4(address)
    }

    private static func isLabel(_ label: Substring) -> Bool {
        !label.isEmpty
            && label.unicodeScalars.allSatisfy {
                ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-" || $0 == "_"
            }
    }

    /// Absent, or `:` and a number from 1 to 65535.
    private static func isPort(_ text: Substring) -> Bool {
        guard !text.isEmpty else { return true }
        let digits = text.dropFirst()
        guard text.first == ":", digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return false
        }
        return Int(digits).map((1...65535).contains) ?? false
    }

    /// One to four numbers, decimal, octal or hexadecimal; the last fills what remains.
    private static func address(_ labels: [Substring]) -> UInt32? {
        let numbers = labels.compactMap(number)
        guard numbers.count == labels.count, numbers.count <= 4, let last = numbers.last else {
            return nil
        }
        let leading = numbers.dropLast()
        let room = UInt64(1) << UInt64(8 * (4 - leading.count))
        guard last < room, leading.allSatisfy({ $0 < 256 }) else { return nil }
        let high = leading.enumerated().reduce(UInt64(0)) { sum, part in
            sum | part.element << UInt64(8 * (3 - part.offset))
        }
        return UInt32(high | last)
    }

    private static func number(_ text: Substring) -> UInt64? {
        if text == "0x" { return 0 }
        if text.hasPrefix("0x") { return UInt64(text.dropFirst(2), radix: 16) }
        return UInt64(text, radix: text.hasPrefix("0") && text.count > 1 ? 8 : 10)
    }

    /// The eight groups of an address of version 6; zones are not accepted.
    private static func groups(_ text: Substring) -> [UInt16]? {
        guard let gap = text.firstRange(of: "::") else {
            return half(text).flatMap { $0.count == 8 ? $0 : nil }
        }
        guard let head = half(text[..<gap.lowerBound]), let tail = half(text[gap.upperBound...]),
            head.count + tail.count < 8
        else { return nil }
        return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    private static func half(_ text: Substring) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains(".") {
                let labels = part.split(separator: ".", omittingEmptySubsequences: false)
                guard labels.count == 4, let address = Self.address(labels) else { return nil }
                groups += [UInt16(address >> 16), UInt16(address & 0xFFFF)]
                continue
            }
            guard (1...4).contains(part.count), part.allSatisfy(\.isHexDigit),
                let group = UInt16(part, radix: 16)
            else { return nil }
            groups.append(group)
        }
        return groups
    }
}
