import Testing

@testable import Console

struct DurationWordingTests {
    @Test(
        arguments: [
            (.zero, "0 ms"),
            (.microseconds(400), "<1 ms"),
            (.milliseconds(31), "31 ms"),
            (.microseconds(999_999), "999 ms"),
            (.milliseconds(1000), "1.0 s"),
            (.milliseconds(1290), "1.2 s"),
            (.milliseconds(9999), "9.9 s"),
            (.seconds(10), "10 s"),
            (.milliseconds(59_999), "59 s"),
            (.seconds(60), "1m"),
            (.seconds(482), "8m02s"),
            (.seconds(309), "5m09s"),
            (.seconds(599), "9m59s"),
            (.seconds(41 * 60 + 59), "41m"),
            (.seconds(3600), "1h"),
            (.seconds(3 * 3600 + 5 * 60 + 59), "3h05m"),
            (.seconds(48 * 3600 - 1), "47h59m"),
            (.seconds(2 * 86400), "2d"),
            (.seconds(400 * 86400), "400d"),
            (.seconds(-90), "-1m30s"),
        ] as [(Duration, String)])
    func `a duration is worded for people`(duration: Duration, wording: String) {
        #expect(duration.worded == wording)
    }
}
