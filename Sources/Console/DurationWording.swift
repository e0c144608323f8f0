extension Duration {
    /// For people: `31 ms`, `1.2 s`, `8m02s`, `41m`, `3h05m`, `2d`. Rounded down, so that nothing
    /// is said to have lasted longer than it did.
    package var worded: String {
        guard self >= .zero else { return "-" + (.zero - self).worded }
        let (whole, attoseconds) = components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        let (minutes, hours) = (whole / 60, whole / 3600)
        switch whole {
        case 0:
            return self > .zero && milliseconds == 0 ? "<1 ms" : "\(milliseconds) ms"
        case ..<10: return "\(whole).\(milliseconds / 100) s"
        case ..<60: return "\(whole) s"
        case ..<600: return Self.pair(minutes, "m", whole % 60, "s")
        case ..<3600: return "\(minutes)m"
        case ..<(48 * 3600): return Self.pair(hours, "h", minutes % 60, "m")
        default: return "\(hours / 24)d"
        }
    }

    private static func pair(
        _ large: Int64, _ largeUnit: String, _ small: Int64, _ smallUnit: String
    ) -> String {
        guard small > 0 else { return "\(large)\(largeUnit)" }
        return "\(large)\(largeUnit)\(small < 10 ? "0" : "")\(small)\(smallUnit)"
    }
}
