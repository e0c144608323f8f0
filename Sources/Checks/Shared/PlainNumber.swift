/// Reads a number as programs print it, without a unit.
enum PlainNumber {
    /// `nil` for everything that is no finite decimal number: empty, `NaN`, `inf`, `0x10`, `1,5`.
    static func parse(_ text: some StringProtocol) -> Double? {
        guard !text.isEmpty, text.utf8.count <= 64,
            text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }),
            let value = Double(text), value.isFinite
        else { return nil }
        return value
    }
}
