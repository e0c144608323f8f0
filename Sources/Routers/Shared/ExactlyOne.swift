import PipelineModel

extension Section {
    /// Whether one of two keys is there; both, or none, is reported.
    func hasExactlyOne(of first: String, _ second: String) -> Bool {
        guard has(first) == has(second) else { return true }
        report.error(
            at: position(of: second),
            has(first)
                ? "'\(first)' and '\(second)' exclude each other"
                : "'\(first)' or '\(second)' is missing",
            hint: "keep exactly one of '\(first)' and '\(second)'")
        return false
    }
}
