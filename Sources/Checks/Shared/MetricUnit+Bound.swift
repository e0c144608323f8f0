import Contracts
import PipelineModel

/// Refuses a bound whose unit is not that of what a metric measures: without one, `< 500` would be more
/// than eight minutes, and `< 1` would be 100%.
extension MetricUnit {
    /// Reports each bound of `pass` that this quantity cannot have.
    func check(_ metric: Section) {
        for node in metric.items("pass") ?? [] {
            guard let text = node.text, let threshold = Threshold(written: text), !fits(threshold)
            else { continue }
            metric.report.error(at: node.position, mistake(in: text), hint: hint)
        }
    }

    private func fits(_ threshold: Threshold) -> Bool {
        guard case .value(let value) = threshold.bound else { return true }
        let bound = threshold.written.drop { "<>= ".contains($0) }
        switch self {
        case .length: return Duration(written: String(bound)) != nil
        case .share: return bound.hasSuffix("%") || (bound.allSatisfy(isPlain) && value < 1)
        }
    }

    private func isPlain(_ character: Character) -> Bool {
        character == "." || (character.isASCII && character.isNumber)
    }

    private func mistake(in text: String) -> String {
        switch self {
        case .length: "'\(text.prefix(64))' is no length of time, which this metric measures"
        case .share: "'\(text.prefix(64))' is no share of a whole, which this metric measures"
        }
    }

    private var hint: String {
        switch self {
        case .length: "write a unit, as in \"< 500ms\" or \"<= 1.2x baseline\""
        case .share: "write it in percent, as in \"< 1%\""
        }
    }
}
