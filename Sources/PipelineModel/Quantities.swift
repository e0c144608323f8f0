/// A share of a whole, in percent.
package struct Percent: Codable, Hashable, Sendable {
    package var value: Double

    package init(_ value: Double) { self.value = value }
}

/// `3 of 5`: so many out of the last so many.
package struct CountOf: Codable, Hashable, Sendable {
    package var count: Int
    package var window: Int

    package init(_ count: Int, of window: Int) {
        self.count = count
        self.window = window
    }
}

/// A bound that a measured value must keep: `< 1%`, `>= 0.95`, `< 300ms`, `<= 1.2x baseline`.
///
/// Values are compared in base units: shares as fractions of 1, durations in seconds, sizes in bytes.
package struct Threshold: Codable, Hashable, Sendable {
    package enum Relation: String, Codable, Sendable {
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case equal = "=="
    }

    package enum Bound: Codable, Hashable, Sendable {
        case value(Double)
        /// So many times what the old colour measured before the switch.
        case timesBaseline(Double)
    }

    package var relation: Relation
    package var bound: Bound
    /// As the user wrote it, for messages.
    package var written: String

    package init(relation: Relation, bound: Bound, written: String) {
        self.relation = relation
        self.bound = bound
        self.written = written
    }

    /// It compares with what the old colour measured.
    package var isRelative: Bool { if case .timesBaseline = bound { true } else { false } }

    /// Whether `value` keeps the bound; `nil` where the bound needs a baseline and there is none.
    package func isKept(by value: Double, baseline: Double?) -> Bool? {
        let limit: Double
        switch bound {
        case .value(let absolute): limit = absolute
        case .timesBaseline(let factor):
            guard let baseline else { return nil }
            limit = factor * baseline
        }
        switch relation {
        case .less: return value < limit
        case .lessOrEqual: return value <= limit
        case .greater: return value > limit
        case .greaterOrEqual: return value >= limit
        case .equal: return value == limit
        }
    }
}
