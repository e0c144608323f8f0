/// One line of a page in the text format of Prometheus (exposition format 0.0.4).
struct PrometheusSample: Hashable, Sendable {
    let labels: [String: String]
    let value: Double

    /// The samples of one metric; `nil` where a line of it cannot be read.
    static func all(of name: String, in page: String) -> [PrometheusSample]? {
        var samples: [PrometheusSample] = []
        for line in page.utf8.split(separator: UInt8(ascii: "\n")) {
            guard line.starts(with: name.utf8) else { continue }
            let rest = Substring(line.dropFirst(name.utf8.count))
            // Another metric whose name begins alike.
            guard rest.first == "{" || rest.first == " " else { continue }
            guard let sample = PrometheusSample(rest) else { return nil }
            samples.append(sample)
        }
        return samples
    }

    /// `{code="200",service="shop-blue@file"} 3`, with or without a time after it.
    init?(_ text: Substring) {
        var rest = text
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest.removeFirst()
            while rest.first != "}" {
                guard let (name, value) = Self.label(&rest) else { return nil }
                labels[name] = value
                if rest.first == "," { rest.removeFirst() }
            }
            rest.removeFirst()
        }
        let fields = rest.split(separator: " ")
        guard (1...2).contains(fields.count), let value = Double(fields[0]) else { return nil }
        self.labels = labels
        self.value = value
    }

    /// Takes `name="value"` from the front.
    private static func label(_ rest: inout Substring) -> (String, String)? {
        guard let equals = rest.firstIndex(of: "=") else { return nil }
        let name = rest[..<equals]
        rest = rest[equals...].dropFirst()
        guard rest.popFirst() == "\"" else { return nil }
        var value = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return (String(name), value)
            case "\\":
                guard let escaped = rest.popFirst() else { return nil }
                value.append(escaped == "n" ? "\n" : escaped)
            default: value.append(character)
            }
        }
        return nil
    }
}
