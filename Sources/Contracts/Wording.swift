/// How lengths of time and text from outside are shown in evidence.
package enum Wording {
    /// `0.4 ms`, `12 ms`, `1.2 s`, `2 m 5 s`.
    package static func length(_ duration: Duration) -> String {
        let seconds = min(duration.inSeconds, 1e15)
        if seconds < 0.001 { return "\(rounded(seconds * 1000, to: 10)) ms" }
        if seconds < 0.9995 { return "\(Int((seconds * 1000).rounded())) ms" }
        if seconds < 59.95 { return "\(rounded(seconds, to: 10)) s" }
        let whole = Int(seconds.rounded())
        return whole % 60 == 0 ? "\(whole / 60) m" : "\(whole / 60) m \(whole % 60) s"
    }

    /// `1,203`; for what is not negative.
    package static func count(_ number: Int) -> String {
        let digits = Array(String(number))
        return digits.indices.map { index in
            let isFirstOfThree = index > 0 && (digits.count - index).isMultiple(of: 3)
            return (isFirstOfThree ? "," : "") + String(digits[index])
        }.joined()
    }

    /// `1 request`, `20 requests`.
    package static func amount(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    /// The beginning of `bytes`, `limit` bytes at most and never half a character; `…` where it is cut.
    package static func excerpt(_ bytes: some Collection<UInt8>, limit: Int = 256) -> String {
        let head = Array(bytes.prefix(limit + 1))
        guard head.count > limit else { return String(decoding: head, as: UTF8.self) }
        var end = limit
        while end > 0, end > limit - 3, head[end] & 0xC0 == 0x80 { end -= 1 }
        return String(decoding: head[..<end], as: UTF8.self) + "…"
    }

    /// The last `count` lines that say something. They are whole, however long: whoever shows them cuts
    /// them after hiding secrets, because a secret that was cut is no longer recognised.
    package static func lastLines(_ text: String, count: Int = 20) -> [String] {
        text.split(whereSeparator: \.isNewline).suffix(count).map(String.init)
    }

    /// Without the decimal where it says nothing: `1`, `1.2`.
    private static func rounded(_ value: Double, to parts: Double) -> String {
        let result = (value * parts).rounded() / parts
        return result == result.rounded() ? "\(Int(result))" : "\(result)"
    }
}

extension Duration {
    package var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
