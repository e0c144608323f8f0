import FoundationEssentials
import Testing
import TrafficRig

/// The pipelines that are worst to read, given to the built program: it says where the mistake is, and has
/// neither computed for long nor taken much memory.
struct WorstPipelineTests {
    private struct Sample {
        let name: String
        /// `LINE:COLUMN` of the first mistake; `nil`: of a file that is too large nothing is read.
        let place: String?
        let bytes: [UInt8]

        init(_ name: String, at place: String?, _ text: String) {
            self.init(name, at: place, Array(text.utf8))
        }

        init(_ name: String, at place: String?, _ bytes: [UInt8]) {
            (self.name, self.place, self.bytes) = (name, place, bytes)
        }
    }

    private static let sound = """
        apiVersion: bluegreen/v1
        service: shop
        colors:
          blue: {url: "http://127.0.0.1:8081"}
          green: {url: "http://127.0.0.1:8082"}
        router:
          haproxy: {socket: /run/shop.sock, map: /etc/shop.map, key: shop}
        switch: {prove: readBack}

        """

    /// The ninth line is the first one behind what is sound.
    private static func adding(_ text: String) -> String { sound + text }

    private static func times(_ text: String, _ count: Int) -> String {
        String(repeating: text, count: count)
    }

    private static func lines(_ range: ClosedRange<Int>, _ line: (Int) -> String) -> String {
        range.map { line($0) + "\n" }.joined()
    }

    private static let constructs: [Sample] = [
        Sample(
            "nine levels of nine aliases", at: "9:25",
            adding(
                "x-0: &a0 [x,x,x,x,x,x,x,x,x]\n"
                    + lines(1...9) { "x-\($0): &a\($0) [" + times("*a\($0 - 1),", 9) + "]" })),
        Sample("an alias of itself", at: "9:10", adding("x-a: &a [*a, {b: *a}]\n")),
        Sample(
            "thirty thousand anchors", at: "20004:20",
            adding("x-a:\n" + lines(0...29_999) { "  k\($0): &b\($0) {c: 1}" })),
        Sample("brackets", at: "9:70", adding("x-a: " + times("[", 200_000))),
        Sample("braces", at: "9:259", adding("x-a: " + times("{a: ", 100_000))),
        Sample("dashes", at: "10:130", adding("x-a:\n" + times("- ", 200_000) + "x\n")),
        Sample(
            "brackets that close", at: "9:70",
            adding("x-a: " + times("[", 1000) + times("]", 1000) + "\n")),
        Sample("question marks", at: "10:1", adding("x-a:\n" + times("? ", 20_000) + "x\n")),
        Sample(
            "a thousand steps to the right", at: "73:67",
            adding("x-a:\n" + lines(1...1000) { times(" ", $0) + "a:" })),
        Sample("<<", at: "11:3", adding("x-a: &a {b: 1}\nretire:\n  <<: *a\n")),
        Sample("a tag", at: "9:6", adding("x-a: !!python/object:os.system [rm]\n")),
        Sample("a second document", at: "9:1", adding("---\nservice: other\n")),
        Sample("a directive", at: "1:1", "%YAML 9.9\n---\n" + sound),
        Sample("the whole twice", at: "1:1", sound + sound),
        Sample("no", at: "8:17", sound.replacing("readBack", with: "no")),
        Sample("a misspelt key", at: "6:1", sound.replacing("router:", with: "ruoter:")),
    ]

    private static let sizes: [Sample] = [
        Sample("10 MB of one value", at: nil, adding("x-a: " + times("x", 10 << 20) + "\n")),
        Sample(
            "a name of 900,000 letters", at: "2:10",
            sound.replacing("service: shop", with: "service: " + times("x", 900_000))),
        Sample("a key of 900,000 letters", at: "9:900001", adding(times("k", 900_000) + ": 1\n")),
        Sample("60,000 keys", at: "49996:1", adding(lines(0...59_999) { "k\($0): 1" })),
        Sample("a quote that never ends", at: "200009:1", adding("x-a: \"" + times("\n", 200_000))),
        Sample(
            "a block further left than it says", at: "10:2",
            adding("x-a: |9\n" + times(" x\n", 100_000))),
        Sample("nothing", at: "1:1", ""),
    ]

    private static let spellings: [Sample] = [
        Sample("a NUL", at: "2:12", sound.replacing(": shop", with: ": sh\0op")),
        Sample("half a million NULs", at: "1:1", [UInt8](repeating: 0, count: 500_000)),
        Sample("an escape", at: "2:10", sound.replacing(": shop", with: ": \u{1b}[2Jshop")),
        Sample(
            "UTF-16", at: "1:1",
            [0xFF, 0xFE] + sound.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }),
        Sample(
            "UTF-32", at: "1:1",
            [0xFF, 0xFE, 0, 0] + sound.utf8.flatMap { [$0, 0, 0, 0] }),
        Sample("Latin-1", at: "2:12", service([0x73, 0x68, 0xF6, 0x70])),
        Sample("overlong UTF-8", at: "2:12", service([0x73, 0x68, 0xC0, 0xAF, 0x70])),
        Sample("a surrogate", at: "2:12", service([0x73, 0x68, 0xED, 0xA0, 0x80, 0x70])),
        Sample("two byte order marks", at: "1:1", "\u{feff}\u{feff}" + sound),
        Sample("tabs", at: "4:1", sound.replacing("  ", with: "\t")),
        Sample("a percent sign", at: "9:6", adding("x-a: %\n")),
    ]

    /// With those bytes as the name of the service.
    private static func service(_ name: [UInt8]) -> [UInt8] {
        Array("apiVersion: bluegreen/v1\nservice: ".utf8) + name
            + Array(sound.dropFirst("apiVersion: bluegreen/v1\nservice: shop".count).utf8)
    }

    @Test func `what is worst to read is answered with its place, soon and in little memory`()
        async throws
    {
        try await withTemporaryFolder { folder in
            let sound = try await validate(Array(Self.sound.utf8), in: folder)
            #expect(sound.done.status == 0, "\(sound.done)")
            for sample in Self.constructs + Self.sizes + Self.spellings {
                let (done, spent) = try await validate(sample.bytes, in: folder)
                let start = done.errors.prefix(400)
                #expect(done.status == 78, "\(sample.name): \(done.ending) \(start)")
                let place = sample.place.map { "bluegreen.yaml:\($0): error: " }
                #expect(
                    done.errors.contains(place ?? "is larger than 1 MiB"),
                    "\(sample.name): \(start)")
                #expect(done.errors.utf8.count < 2000, "\(sample.name): \(start)")
                #expect(spent <= Self.patience, "\(sample.name) took \(spent) ms")
            }
        }
    }

    /// Of computing, in milliseconds; a build for debugging is five times as slow.
    private static let patience = Products.isShipped ? 200.0 : 1000.0

    /// In bytes, with 90 MB that the threads set aside and do not use.
    private static let memory = 128 << 20

    private func validate(
        _ bytes: [UInt8], in folder: TemporaryFolder
    ) async throws -> (done: FinishedProcess, spent: Double) {
        try Data(bytes).write(to: URL(filePath: folder.file("bluegreen.yaml")))
        // How busy the machine is does not count.
        let script = #""$0" validate >/dev/null; status=$?; times; exit $status"#
        let done = try await ChildProcess.run(
            [
                "prlimit", "--data=\(Self.memory):\(Self.memory)", "--core=0:0", "sh", "-c",
                script, Products.bluegreen,
            ], directory: folder.path)
        let spent = done.output.split(separator: "\n").last.map { line in
            line.split(separator: " ").compactMap(Self.milliseconds).reduce(0, +)
        }
        return (done, try #require(spent, "\(done)"))
    }

    /// `0m0.020000s`
    private static func milliseconds(_ word: Substring) -> Double? {
        let parts = word.dropLast().split(separator: "m")
        guard parts.count == 2, let minutes = Double(parts[0]), let seconds = Double(parts[1])
        else { return nil }
        return (minutes * 60 + seconds) * 1000
    }
}
