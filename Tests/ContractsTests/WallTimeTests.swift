import Contracts
import FoundationEssentials
import Testing

struct WallTimeTests {
    private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// From 1600 to 2400, in steps that meet every month, leap days and the turns of centuries.
    @Test func `times are spelled and read as Foundation does`() {
        for day in stride(from: Int64(-135_140), to: 157_054, by: 89) {
            let time = WallTime(milliseconds: day * 86_400_000 + (day & 0xFFFF) * 1000)
            let date = Date(timeIntervalSince1970: Double(time.milliseconds) / 1000)
            #expect(time.description == date.formatted(Self.style))
            #expect(WallTime(time.description) == time)
        }
    }

    @Test func `no millisecond is lost`() {
        for milliseconds in Int64(1_795_000_000_000)..<1_795_000_001_000 {
            let time = WallTime(milliseconds: milliseconds)
            #expect(time.description.hasSuffix(".\(String(milliseconds).suffix(3))Z"))
            #expect(WallTime(time.description) == time)
        }
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-11-21T14:02:11Z", "2026-11-21T14:02:11.250",
        "2026-11-21 14:02:11.250Z",
        "2026-11-21T14:02:11.250+", "2026-13-21T14:02:11.250Z", "2026-00-21T14:02:11.250Z",
        "2026-02-29T14:02:11.250Z", "2026-11-31T14:02:11.250Z", "2026-11-00T14:02:11.250Z",
        "2026-11-21T24:02:11.250Z", "2026-11-21T14:60:11.250Z", "2026-11-21T14:02:60.250Z",
        "2026-11-2aT14:02:11.250Z", "-026-11-21T14:02:11.250Z", "2026-11-21T14:02:11.250Zx",
    ])
    func `what is no time is not read`(text: String) {
        #expect(WallTime(text) == nil)
    }

    @Test func `a leap day and the moment before 1970 are times`() {
        #expect(WallTime("2024-02-29T00:00:00.000Z")?.milliseconds == 1_709_164_800_000)
        #expect(WallTime("1969-12-31T23:59:59.999Z")?.milliseconds == -1)
        #expect(WallTime(milliseconds: -1).description == "1969-12-31T23:59:59.999Z")
    }
}
