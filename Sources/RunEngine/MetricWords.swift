package import Contracts
package import PipelineModel

/// Words a measured value in the unit in which its bound was written; where that is a baseline, in the
/// unit of what is measured.
package enum MetricWords {
    package static func value(
        _ value: Double, for threshold: Threshold?, _ unit: MetricUnit? = nil
    ) -> String {
        switch threshold?.isRelative == true ? unit : written(threshold?.written ?? "") {
        case .share: "\(rounded(value * 100))%"
        case .length: value < 1 ? "\(rounded(value * 1000))ms" : "\(rounded(value))s"
        case nil: rounded(value)
        }
    }

    private static func written(_ bound: String) -> MetricUnit? {
        if bound.hasSuffix("%") { return .share }
        return bound.hasSuffix("s") && Duration(written: lastWord(bound)) != nil ? .length : nil
    }

    /// `< 300ms`, `<= 1.2x baseline (14ms)`
    package static func bound(
        _ threshold: Threshold, baseline: Double?, _ unit: MetricUnit? = nil
    ) -> String {
        guard threshold.isRelative else { return threshold.written }
        let words = baseline.map { value($0, for: threshold, unit) } ?? "unknown"
        return "\(threshold.written) (\(words))"
    }

    private static func lastWord(_ text: String) -> String {
        text.split(separator: " ").last.map(String.init) ?? text
    }

    /// Three figures are all that a measurement is worth.
    private static func rounded(_ value: Double) -> String {
        let size = abs(value)
        let steps = size >= 100 ? 1.0 : size >= 10 ? 10 : size >= 1 ? 100 : 1000
        let scaled = (value * steps).rounded() / steps
        return scaled == scaled.rounded() && size < 1e15
            ? String(Int64(scaled)) : String(scaled)
    }
}
