/// Text that would steer a terminal, hide itself, or pass for what we print.
enum HostileText {
    /// More than two hundred; those that differ only in how a sequence begins or ends are made.
    static let all: [String] = sequences + singles + disguises

    /// All of them in fewer lines, each short enough to be shown whole.
    static let batches: [String] = {
        let (long, short) = (
            all.filter { $0.utf8.count > 100 }, all.filter { $0.utf8.count <= 100 }
        )
        return long
            + stride(from: 0, to: short.count, by: 30).map { first in
                short[first..<min(first + 30, short.count)].joined(separator: " ")
            }
    }()

    private static let sequences: [String] = {
        let csi = [
            "31m", "0m", "8m", "2J", "H", "1A", "2K", "10;10H", "?1049h", "?25l", "6n", "c", ">c",
            "=c", "?2004h", "?1000h", "!p", "s", "u", "4i", "5i", "20t", "8;1;1t", "99999999999b",
            "?1006;1015h", "38;2;0;0;0m", "38:5:1m", "1 q", "\"p", "$p", "?47h", "3J", "1;1r",
        ].flatMap { ["\u{1b}[\($0)", "\u{9b}\($0)"] }
        let osc = [
            "0;title", "2;t", "4;1;?", "7;file:///etc", "8;;http://evil", "8;id=1;http://a",
            "9;note", "10;?", "11;?", "52;c;cm0gLXJmIC8=", "52;p;?", "104", "112", "133;A",
            "777;notify;a;b", "1337;File=:AAAA", "50;font",
        ].flatMap { body in
            ["\u{1b}]\(body)\u{7}", "\u{1b}]\(body)\u{1b}\\", "\u{9d}\(body)\u{9c}"]
        }
        let strings = ["P$q\"p", "P+q544e", "P1;1|17/1b", "_Gf=100;AAAA", "^private", "X text"]
            .flatMap { ["\u{1b}\($0)\u{1b}\\", "\u{1b}\($0)"] }
        let short = ["c", "7", "8", "(0", "#8", "=", ">", "N", "O", "D", "E", "M", "Z", "n", "|"]
            .map { "\u{1b}\($0)" }
        return csi + osc + strings + short
    }()

    private static let singles: [String] = {
        let controls = (0x01...0x1F).filter { $0 != 0x09 && $0 != 0x0A } + [0x7F]
        let upper = Array(0x80...0x9F)
        let marks = [
            0xAD, 0x34F, 0x61C, 0x115F, 0x180E, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2028,
            0x2029, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2060, 0x2061, 0x2066, 0x2067, 0x2068,
            0x2069, 0xFEFF, 0xFFF9, 0xE0001, 0xE0041, 0xE007F,
        ]
        return (controls + upper + marks).compactMap { UInt32($0) }
            .compactMap(Unicode.Scalar.init).map { "a\(Character($0))b" }
    }()

    private static let disguises = [
        "FAILED\rpassed", "no\u{8}\u{8}yes", "\u{1b}", "\u{1b}[", "[31m", "\u{1b}]52;c;",
        "\u{9b}", "ok\u{1b}[1A\u{1b}[2Kproduction is on blue", "deploy \u{202e}eulb",
        "\r\u{1b}[K  LIVE     green", "x\u{1b}[31\u{1b}[0m", "\u{1b}\u{1b}[2J", "\u{c2}\u{9b}2J",
        "\u{fffd}\u{fffd}[2J", String(repeating: "\u{1b}[5m", count: 2000),
        String(repeating: "x", count: 20_000) + "\u{1b}[2J",
        String(repeating: "e\u{301}", count: 4000) + "\u{7}", "\u{1b}[?1049h\u{7}\u{7}\u{7}",
        "::error::x\u{1b}[0m", "##[command]\u{1b}c", "\"\u{1b}[31m\"", "\\u001b[31m\u{1b}",
        "$(reboot)\u{7}", "`id`\u{8}", "a\u{b}b\u{c}c", "👩\u{200d}🚀\u{1b}[m",
    ]
}

extension String {
    /// What of it a terminal would obey, or nobody would see; `nil` where it is clean.
    var raw: String? {
        let scalar = unicodeScalars.first { scalar in
            guard scalar != "\n", scalar != "\t" else { return false }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: return true
            default: return scalar.properties.isDefaultIgnorableCodePoint && scalar != "\u{fe0f}"
            }
        }
        guard let scalar else { return nil }
        return "U+\(String(scalar.value, radix: 16)) reaches the terminal"
    }
}
