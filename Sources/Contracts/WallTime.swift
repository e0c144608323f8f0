/// A calendar moment, in milliseconds since 1970 UTC. Never used to measure lengths.
package struct WallTime: Hashable, Sendable, Comparable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// `2026-11-21T14:02:11.250Z`, and nothing else.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == Self.pattern.count,
            zip(bytes, Self.pattern).allSatisfy({ $1 == Self.digit ? 48...57 ~= $0 : $0 == $1 })
        else { return nil }
        func number(_ place: Range<Int>) -> Int64 {
            bytes[place].reduce(0) { $0 * 10 + Int64($1 - 48) }
        }
        let date = CalendarDate(year: number(0..<4), month: number(5..<7), day: number(8..<10))
        let (hour, minute, second) = (number(11..<13), number(14..<16), number(17..<19))
        guard date.isReal, hour < 24, minute < 60, second < 60 else { return nil }
        let seconds = ((date.dayNumber * 24 + hour) * 60 + minute) * 60 + second
        milliseconds = seconds * 1000 + number(20..<23)
    }

    private static let digit = UInt8(ascii: "d")
    private static let pattern = Array("dddd-dd-ddTdd:dd:dd.dddZ".utf8)

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
        let (seconds, fraction) = milliseconds.quotientAndRemainder(flooredBy: 1000)
        let (day, second) = seconds.quotientAndRemainder(flooredBy: 86_400)
        let date = CalendarDate(dayNumber: day)
        let clock = [second / 3600, second / 60 % 60, second % 60].map { padded($0, 2) }
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
            + "T\(clock.joined(separator: ":")).\(padded(fraction, 3))Z"
    }
}

private func padded(_ number: Int64, _ digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
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

/// A day of the Gregorian calendar.
///
/// Counted here because a program that asks Foundation sets up calendars and time zones first, which
/// takes longer than reading the whole record.
private struct CalendarDate: Equatable {
    let year: Int64
    let month: Int64
    let day: Int64

    init(year: Int64, month: Int64, day: Int64) {
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// Days since 1970-01-01. A year is taken to begin in March, so that a leap day ends it.
    init(dayNumber: Int64) {
        let (era, dayOfEra) = (dayNumber + 719_468).quotientAndRemainder(flooredBy: 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (dayOfYear * 5 + 2) / 153
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        day = dayOfYear - (monthFromMarch * 153 + 2) / 5 + 1
    }

    var dayNumber: Int64 {
        let yearFromMarch = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = yearFromMarch.quotientAndRemainder(flooredBy: 400)
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (monthFromMarch * 153 + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// Whether the calendar has it: 30 February comes back as another day.
    var isReal: Bool {
        (1...12).contains(month) && (1...31).contains(day)
            && CalendarDate(dayNumber: dayNumber) == self
    }
}

extension Int64 {
    /// The remainder is never negative.
    fileprivate func quotientAndRemainder(flooredBy divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
