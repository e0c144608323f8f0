import FoundationEssentials

/// A calendar moment, in milliseconds since 1970 UTC. Never used to measure lengths.
package struct WallTime: Hashable, Sendable, Comparable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// `2026-11-21T14:02:11.250Z`
    package init?(_ text: String) {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        // Losing the parse error is right: the caller only needs to know that this is no time.
        guard let date = try? style.parse(text) else { return nil }
        milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded())
    }

    package static func < (left: WallTime, right: WallTime) -> Bool {
        left.milliseconds < right.milliseconds
    }

    package func elapsed(since earlier: WallTime) -> Duration {
        .milliseconds(milliseconds - earlier.milliseconds)
    }

    package func advanced(by length: Duration) -> WallTime {
        let parts = length.components
        return WallTime(
            milliseconds: milliseconds + parts.seconds * 1000
                + parts.attoseconds / 1_000_000_000_000_000)
    }
}

extension WallTime: CustomStringConvertible {
    package var description: String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000)
            .ISO8601Format(.init(includingFractionalSeconds: true))
    }
}

extension WallTime: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let time = WallTime(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a UTC time")
        }
        self = time
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
