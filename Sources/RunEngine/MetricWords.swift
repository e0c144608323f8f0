package import PipelineModel

/// Words a measured value in the unit in which its bound was written.
package enum MetricWords {
    package static func value(_ value: Double, for threshold: Threshold?) -> String {
        let written = threshold?.written ?? ""
        if written.hasSuffix("%") { return "\(rounded(value * 100))%" }
        if written.hasSuffix("s"), Duration(written: lastWord(written)) != nil {
            return value < 1 ? "\(rounded(value * 1000))ms" : "\(rounded(value))s"
        }
        return rounded(value)
    }

    /// `< 300ms`, `<= 1.2x baseline (0.14)`
    package static func bound(_ threshold: Threshold, baseline: Double?) -> String {
        guard case .timesBaseline = threshold.bound else { return threshold.written }
        guard let baseline else { return threshold.written + " (unknown)" }
        return threshold.written + " \(rounded(baseline))"
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
