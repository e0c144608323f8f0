import Testing

@testable import Console

struct SparklineTests {
    @Test(
        arguments: [
            ([], ""),
            ([1], "▁"),
            ([5, 5, 5], "▁▁▁"),
            ([0, 1, 2, 4, 6, 7], "▁▂▃▅▇█"),
            ([7, 0], "█▁"),
            ([-1, 0, 1], "▁▅█"),
            ([0, .nan, 1], "▁ █"),
            ([.nan], " "),
            ([0, .infinity, 1], "▁ █"),
            ([-.greatestFiniteMagnitude, .greatestFiniteMagnitude], "▁█"),
        ] as [([Double], String)])
    func `numbers are drawn from the least to the greatest`(values: [Double], bars: String) {
        #expect(Sparkline.drawn(values) == bars)
    }

    @Test func `only the newest values are drawn`() {
        #expect(Sparkline.drawn([100, 0, 1], limit: 2) == "▁█")
    }
}
