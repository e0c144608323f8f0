import FoundationEssentials
import Testing

@testable import Console

private let secret = "p@ss/wörd \"7\""

struct MaskerTests {
    @Test(arguments: [
        secret,
        "cEBzcy93w7ZyZCAiNyI=",
        "p%40ss%2Fw%C3%B6rd%20%227%22",
        "p%40ss%2fw%c3%b6rd%20%227%22",
        "p%40ss%2Fw%C3%B6rd+%227%22",
        #"p@ss/wörd \"7\""#,
        #"p@ss\/wörd \"7\""#,
        #"p@ss/w\u00f6rd \"7\""#,
        #"p@ss/w\\u00f6rd \\\"7\\\""#,
    ])
    func `a secret is hidden however it is written`(form: String) {
        #expect(Masker(secrets: [secret]).masked("before \(form) after") == "before *** after")
    }

    @Test(arguments: [
        "it%27s%20%28a%29%20~%2A%21", "it's%20(a)%20~*!", "it%27s+%28a%29+%7E*%21",
    ])
    func `a secret is hidden by whatever rule it is percent-encoded`(form: String) {
        #expect(Masker(secrets: ["it's (a) ~*!"]).masked("?q=\(form)&") == "?q=***&")
    }

    @Test(arguments: ["", "a", "ab", "abc", "user:"])
    func `a secret is hidden inside a longer base64 text`(prefix: String) {
        let inside = Data((prefix + "hunter2-hunter2" + "tail").utf8).base64EncodedString()
        let shown = Masker(secrets: ["hunter2-hunter2"]).masked(inside)
        #expect(shown.contains("***"))
        #expect(shown.count <= inside.count - 15)
    }

    @Test func `the middle of a secret between two cuts is hidden`() {
        let masker = Masker(secrets: ["correct-horse-battery"])
        #expect(masker.masked("x …rect-horse… y") == "x ***… y")
        #expect(masker.masked("…rect-horse") == "…rect-horse")
        var stream = masker.stream()
        let shown = "x …rect-horse… y".utf8.flatMap { stream.mask([$0]) } + stream.finish()
        #expect(String(decoding: shown, as: UTF8.self) == "x ***… y")
    }

    @Test func `a secret is hidden in base64 for URLs`() {
        let masker = Masker(secrets: ["\u{3fb}\u{3fb}\u{3ff}>>>???"])
        #expect(masker.masked("z7vPu8-_Pj4-Pz8_") == "***")
    }

    @Test func `a value of five characters is not hidden and one of six is`() {
        #expect(Masker(secrets: ["12345"]).masked("12345") == "12345")
        #expect(Masker(secrets: ["123456"]).masked("123456") == "***")
    }

    @Test(arguments: 4...14)
    func `what a cut has left of a secret is hidden too`(count: Int) {
        let secret = "hunter2-hunter2"
        let masker = Masker(secrets: [secret])
        #expect(masker.masked("x \(secret.prefix(count))… y") == "x ***… y")
        #expect(masker.masked("x …\(secret.suffix(count)) y") == "x *** y")
        #expect(masker.masked("x \(secret.prefix(count)) y") == "x \(secret.prefix(count)) y")
    }

    @Test func `three letters beside a cut tell nothing`() {
        #expect(Masker(secrets: ["hunter2-hunter2"]).masked("hun…er2") == "hun…er2")
    }

    @Test func `a secret is hidden where its white space was evened out`() {
        #expect(Masker(secrets: ["ab  cd\tef"]).masked("x ab cd ef y") == "x *** y")
    }

    @Test func `each line of a secret with several lines is hidden`() {
        let masker = Masker(secrets: ["first line\nsecond line\n"])
        #expect(masker.masked("x first line y\nsecond line\nthird") == "x *** y\n***\nthird")
    }

    @Test func `where one secret contains another the whole is hidden`() {
        let masker = Masker(secrets: ["secret", "secret-and-more"])
        #expect(masker.masked("secret secret-and-more secret-and-less") == "*** *** ***-and-less")
    }

    @Test func `where two secrets overlap both are hidden`() {
        #expect(Masker(secrets: ["abcdefgh", "efghijkl"]).masked("-abcdefghijkl-") == "-***-")
    }

    @Test func `a secret that repeats its own beginning is found`() {
        #expect(Masker(secrets: ["aabaab!"]).masked("aabaabaab!") == "aab***")
    }

    @Test func `no secrets leave everything as it is`() {
        #expect(Masker.none.masked("hunter2") == "hunter2")
        #expect(Masker(secrets: [""]).masked("hunter2") == "hunter2")
    }

    private static let streamed = "x hunter2-h cEBzcy93w7ZyZCAiNyI= hunter2-hunter2, hunter2-hunt"
    private static let masker = Masker(secrets: ["hunter2-hunter2", secret, "hunter2-h"])

    @Test(arguments: 0...streamed.utf8.count)
    func `a split at any position changes nothing`(position: Int) {
        let bytes = Array(Self.streamed.utf8)
        var stream = Self.masker.stream()
        let shown = stream.mask(Array(bytes[..<position])) + stream.mask(Array(bytes[position...]))
        #expect(
            String(decoding: shown + stream.finish(), as: UTF8.self) == "x *** *** ***, ***unt")
    }

    @Test(arguments: 1...20)
    func `pieces of any size change nothing`(size: Int) {
        let bytes = Array(Self.streamed.utf8)
        var stream = Self.masker.stream()
        var shown: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            shown += stream.mask(Array(bytes[start..<min(start + size, bytes.count)]))
        }
        #expect(
            String(decoding: shown + stream.finish(), as: UTF8.self) == "x *** *** ***, ***unt")
    }

    @Test func `only what may become a secret is held back`() {
        var stream = Masker(secrets: ["hunter2"]).stream()
        #expect(stream.mask(Array("line\nhunt".utf8)) == Array("line\n".utf8))
        #expect(stream.mask(Array("ing".utf8)) == Array("hunting".utf8))
        #expect(stream.finish().isEmpty)
    }
}
