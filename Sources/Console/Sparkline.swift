/// Draws a row of numbers as small bars, from the least to the greatest: `▁▂▃▅▇`.
package enum Sparkline {
    private static let bars = Array("▁▂▃▄▅▆▇█")

    /// The last `limit` values. A value that is no finite number is a gap.
    package static func drawn(_ values: [Double], limit: Int = 20) -> String {
        let shown = values.suffix(limit)
        let finite = shown.filter(\.isFinite)
        guard let least = finite.min(), let greatest = finite.max() else {
            return String(repeating: " ", count: shown.count)
        }
        // Halved, because the distance of two finite numbers may be infinite.
        let range = greatest / 2 - least / 2
        return String(
            shown.map { value in
                guard value.isFinite else { return " " }
                guard range > 0 else { return bars[0] }
                let height = (value / 2 - least / 2) / range * Double(bars.count - 1)
                return bars[Int(height.rounded())]
            })
    }
}
