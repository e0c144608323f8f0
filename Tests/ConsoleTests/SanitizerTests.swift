import Testing

@testable import Console

private let ci = Sanitizer(environment: ["GITHUB_ACTIONS": "true"])
private let azure = Sanitizer(environment: ["TF_BUILD": "True"])

/// What an attacker sends, and what a person sees. The log of the tests shows only the latter.
struct Sample<Sent: Sendable>: Sendable, CustomTestStringConvertible {
    let sent: Sent
    let seen: String

    init(_ sent: Sent, _ seen: String) {
        self.sent = sent
        self.seen = seen
    }

    var testDescription: String { seen }
}

private let hostile: [Sample<String>] = [
    // Sequences that a terminal obeys.
    Sample("\u{1b}[31mred\u{1b}[0m", "\\u{1b}[31mred\\u{1b}[0m"),
    Sample("\u{1b}[2J\u{1b}[H", "\\u{1b}[2J\\u{1b}[H"),
    Sample("\u{1b}[1A\u{1b}[2Kproduction is on blue", "\\u{1b}[1A\\u{1b}[2Kproduction is on blue"),
    Sample("\u{1b}[8mhidden", "\\u{1b}[8mhidden"),
    Sample("\u{1b}[?1049h", "\\u{1b}[?1049h"),
    Sample("\u{1b}[?25l", "\\u{1b}[?25l"),
    Sample("\u{1b}[6n", "\\u{1b}[6n"),
    Sample("\u{1b}[c", "\\u{1b}[c"),
    Sample("\u{1b}c", "\\u{1b}c"),
    Sample("\u{1b}(0lqk", "\\u{1b}(0lqk"),
    Sample("\u{1b}#8", "\\u{1b}#8"),
    Sample("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}"),
    Sample("\u{1b}]52;c;cm0gLXJmIC8=\u{7}", "\\u{1b}]52;c;cm0gLXJmIC8=\\u{7}"),
    Sample(
        "\u{1b}]8;;http://evil\u{1b}\\link\u{1b}]8;;\u{1b}\\",
        "\\u{1b}]8;;http://evil\\u{1b}\\link\\u{1b}]8;;\\u{1b}\\"
    ),
    Sample("\u{1b}]1337;File=:AAAA\u{7}", "\\u{1b}]1337;File=:AAAA\\u{7}"),
    Sample("\u{1b}P$q\"p\u{1b}\\", "\\u{1b}P$q\"p\\u{1b}\\"),
    Sample("\u{1b}_Gf=100;AAAA\u{1b}\\", "\\u{1b}_Gf=100;AAAA\\u{1b}\\"),
    Sample("\u{1b}^private\u{1b}\\", "\\u{1b}^private\\u{1b}\\"),
    Sample("\u{1b}X text\u{1b}\\", "\\u{1b}X text\\u{1b}\\"),
    Sample("\u{1b}", "\\u{1b}"),
    // The same as single characters beyond ASCII.
    Sample("\u{9b}31m", "\\u{9b}31m"),
    Sample("\u{9d}0;title\u{9c}", "\\u{9d}0;title\\u{9c}"),
    Sample("\u{90}q\u{9c}", "\\u{90}q\\u{9c}"),
    Sample("\u{9f}G\u{9c}", "\\u{9f}G\\u{9c}"),
    Sample("\u{80}\u{8d}\u{84}", "\\u{80}\\u{8d}\\u{84}"),
    Sample("a\u{85}b", "a\\u{85}b"),
    // Control characters.
    Sample("\0", "\\u{0}"),
    Sample("\u{1}\u{2}\u{3}\u{4}", "\\u{1}\\u{2}\\u{3}\\u{4}"),
    Sample("bell\u{7}", "bell\\u{7}"),
    Sample("no\u{8}\u{8}yes", "no\\u{8}\\u{8}yes"),
    Sample("\u{b}\u{c}", "\\u{b}\\u{c}"),
    Sample("\u{e}\u{f}", "\\u{e}\\u{f}"),
    Sample("\u{18}\u{1a}", "\\u{18}\\u{1a}"),
    Sample("\u{1c}\u{1d}\u{1e}\u{1f}", "\\u{1c}\\u{1d}\\u{1e}\\u{1f}"),
    Sample("\u{7f}", "\\u{7f}"),
    Sample("FAILED\rpassed", "FAILED\\u{d}passed"),
    Sample("one\r\ntwo", "one\\u{d}\ntwo"),
    Sample("one\n\rtwo", "one\n\\u{d}two"),
    // Characters that reorder text.
    Sample("\u{202a}a\u{202c}", "\\u{202a}a\\u{202c}"),
    Sample("\u{202b}a", "\\u{202b}a"),
    Sample("\u{202d}a", "\\u{202d}a"),
    Sample("deploy \u{202e}eulb", "deploy \\u{202e}eulb"),
    Sample("\u{2066}a\u{2069}", "\\u{2066}a\\u{2069}"),
    Sample("\u{2067}a", "\\u{2067}a"),
    Sample("\u{2068}a", "\\u{2068}a"),
    Sample("\u{200e}\u{200f}\u{61c}", "\\u{200e}\\u{200f}\\u{61c}"),
    // Characters that nobody sees.
    Sample("blue\u{200b}", "blue\\u{200b}"),
    Sample("\u{200c}\u{200d}", "\\u{200c}\\u{200d}"),
    Sample("\u{2060}\u{2061}\u{2064}", "\\u{2060}\\u{2061}\\u{2064}"),
    Sample("\u{feff}blue", "\\u{feff}blue"),
    Sample("soft\u{ad}hyphen", "soft\\u{ad}hyphen"),
    Sample("\u{34f}", "\\u{34f}"),
    Sample("\u{115f}\u{1160}\u{3164}\u{ffa0}", "\\u{115f}\\u{1160}\\u{3164}\\u{ffa0}"),
    Sample("\u{17b4}\u{17b5}", "\\u{17b4}\\u{17b5}"),
    Sample("\u{180e}", "\\u{180e}"),
    Sample("\u{fff9}a\u{fffa}b\u{fffb}", "\\u{fff9}a\\u{fffa}b\\u{fffb}"),
    Sample("\u{e0001}\u{e0041}\u{e007f}", "\\u{e0001}\\u{e0041}\\u{e007f}"),
    Sample("\u{e0100}", "\\u{e0100}"),
    Sample("\u{fe00}", "\\u{fe00}"),
    Sample("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"),
    Sample("\u{fffe}\u{ffff}\u{10ffff}", "\\u{fffe}\\u{ffff}\\u{10ffff}"),
    Sample("👩\u{200d}🚀", "👩\\u{200d}🚀"),
    Sample("e\u{301}\u{1b}[m", "e\u{301}\\u{1b}[m"),
]

private let harmless = [
    "", "switched in 31 ms", "a\tb", "one\ntwo\n", "\n\n", "größer", "部署成功", "🚀", "✔\u{fe0f}",
    "e\u{301}", "العربية", "\\u{1b}[31m", "::set-output name=x::y", "##[error]", "a | b",
]

private let hostileBytes: [Sample<[UInt8]>] = [
    Sample([0xFF], "\\x{ff}"),
    Sample([0x61, 0x80, 0x62], "a\\x{80}b"),
    Sample([0xC0, 0xAF], "\\x{c0}\\x{af}"),
    Sample([0xE0, 0x80, 0xAF], "\\x{e0}\\x{80}\\x{af}"),
    Sample([0xED, 0xA0, 0x80], "\\x{ed}\\x{a0}\\x{80}"),
    Sample([0xF4, 0x90, 0x80, 0x80], "\\x{f4}\\x{90}\\x{80}\\x{80}"),
    Sample([0xE2, 0x82], "\\x{e2}\\x{82}"),
    Sample([0xC3, 0xA4, 0xC3], "ä\\x{c3}"),
    Sample([0xFE, 0xFF, 0x00, 0x61], "\\x{fe}\\x{ff}\\u{0}a"),
    Sample([0x9B, 0x33, 0x31, 0x6D], "\\x{9b}31m"),
    Sample([0xC2, 0x9B, 0x6D], "\\u{9b}m"),
    Sample([0xE2, 0x80, 0xAE, 0xFF], "\\u{202e}\\x{ff}"),
]

private let workflowCommands: [Sample<String>] = [
    Sample("::set-output name=a::b", "| ::set-output name=a::b"),
    Sample("::add-mask::x", "| ::add-mask::x"),
    Sample("  ::error::x", "|   ::error::x"),
    Sample("\t::error::x", "| \t::error::x"),
    Sample("\u{a0}\u{2003}::error::x", "| \u{a0}\u{2003}::error::x"),
    Sample("ok\n::stop-commands::t\nok", "ok\n| ::stop-commands::t\nok"),
    Sample("ok\r::error::x", "ok\\u{d}::error::x"),
    Sample("##[set-env name=a]b", "| #\\u{23}[set-env name=a]b"),
    Sample("note: ##[set-env name=a]b", "note: #\\u{23}[set-env name=a]b"),
    Sample("##vso[task.setvariable]x", "| #\\u{23}vso[task.setvariable]x"),
    Sample("x ##vso[task.setvariable]y", "x #\\u{23}vso[task.setvariable]y"),
    Sample("###[a]", "| ##\\u{23}[a]"),
    Sample("##\u{fe0f}[a]", "| ##\\u{fe0f}[a]"),
    Sample(":\u{fe0f}:error::x", ":\\u{fe0f}:error::x"),
    Sample("##[\u{301}a]", "| #\\u{23}[\u{301}a]"),
    Sample("## heading", "| ## heading"),
]

struct SanitizerTests {
    @Test(arguments: hostile)
    func `a hostile string is shown instead of obeyed`(sample: Sample<String>) {
        #expect(Sanitizer().sanitized(sample.sent) == sample.seen)
    }

    @Test(arguments: harmless)
    func `a harmless string passes unchanged`(text: String) {
        #expect(Sanitizer().sanitized(text) == text)
    }

    @Test(arguments: hostileBytes)
    func `bytes that are not UTF-8 are shown as what they are`(sample: Sample<[UInt8]>) {
        #expect(Sanitizer().sanitized(sample.sent) == sample.seen)
    }

    @Test(arguments: hostile)
    func `sanitising twice changes nothing more`(sample: Sample<String>) {
        #expect(Sanitizer().sanitized(sample.seen) == sample.seen)
        #expect(ci.sanitized(ci.sanitized(sample.sent)) == ci.sanitized(sample.sent))
    }

    @Test func `of all control characters only line feed and tab remain`() {
        let controls = (0..<0xA0).compactMap { UInt32($0) }.compactMap(Unicode.Scalar.init)
        let text = String(String.UnicodeScalarView(controls))
        let remaining = Sanitizer().sanitized(text).unicodeScalars.filter {
            $0.properties.generalCategory == .control
        }
        #expect(Array(remaining) == ["\t", "\n"])
    }

    @Test(arguments: workflowCommands)
    func `a workflow command is defused in CI`(sample: Sample<String>) {
        #expect(ci.sanitized(sample.sent) == sample.seen)
        #expect(azure.sanitized(sample.sent) == sample.seen)
    }

    @Test func `defusing twice changes nothing more`() {
        for command in workflowCommands {
            #expect(ci.sanitized(command.seen) == command.seen)
        }
    }

    @Test func `an empty CI variable is no CI`() {
        let sanitizer = Sanitizer(environment: ["GITHUB_ACTIONS": "", "CI": "true"])
        #expect(sanitizer.sanitized("::error::x") == "::error::x")
    }

    @Test func `a line of 4 KiB passes and one byte more is cut`() {
        let longest = String(repeating: "x", count: 4096)
        #expect(Sanitizer().sanitized(longest) == longest)
        #expect(Sanitizer().sanitized(longest + "yz") == longest + "… (2 more bytes)")
    }

    @Test func `the cap is for each line, not for the whole`() {
        let text = Array(repeating: String(repeating: "x", count: 4000), count: 5)
            .joined(separator: "\n")
        #expect(Sanitizer().sanitized(text) == text)
    }

    @Test(arguments: 0..<4)
    func `a long line is not cut inside a character`(offset: Int) {
        let text = String(repeating: "x", count: offset) + String(repeating: "🚀", count: 1100)
        let shown = Sanitizer().sanitized(text)
        let whole = offset + (4096 - offset) / 4 * 4
        #expect(
            shown == text.prefix(offset + (4096 - offset) / 4)
                + "… (\(text.utf8.count - whole) more bytes)")
    }

    @Test func `line breaks are shown where a value must stay on its line`() {
        #expect(Sanitizer().escaped("2.8.0\nsafe", keepingLines: false) == "2.8.0\\nsafe")
    }

    @Test func `JSON is escaped as JSON does it and keeps its meaning`() {
        let json = "{\"a\": \"\u{7f}\u{9b}\u{202e}\u{e0041}ä\"}"
        #expect(
            Sanitizer().escaped(json: json)
                == "{\"a\": \"\\u007f\\u009b\\u202e\\udb40\\udc41ä\"}")
    }

    @Test func `a long line of JSON is not cut`() {
        let json = "\"" + String(repeating: "x", count: 10_000) + "\""
        #expect(Sanitizer().escaped(json: json) == json)
    }

    @Test func `JSON holds no workflow command in CI`() {
        #expect(ci.escaped(json: "[\"##vso[a]b\"]") == "[\"#\\u0023vso[a]b\"]")
    }
}
