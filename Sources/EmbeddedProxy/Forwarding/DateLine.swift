import Glibc
import NIOCore

/// The `Date` field of this second, made once per second.
struct DateLine {
    private static let days: [StaticString] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private(set) var bytes = ByteBuffer()
    private(set) var iso = ""
    private var second = 0

    mutating func refresh() {
        let now = time(nil)
        guard now != second else { return }
        second = now
        var moment = now
        var parts = tm()
        gmtime_r(&moment, &parts)
        bytes = ByteBuffer()
        bytes.writeStaticString("Date: ")
        bytes.writeStaticString(Self.days[Int(parts.tm_wday)])
        let clock =
            "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
        bytes.writeString(", \(two(parts.tm_mday)) ")
        bytes.writeStaticString(Self.months[Int(parts.tm_mon)])
        bytes.writeString(" \(parts.tm_year + 1900) \(clock) GMT\r\n")
        iso = "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T\(clock)Z"
    }

    private func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
