import Foundation
import Glibc
import ShopRig
import TestWorld
import Testing

@testable import Commands

/// The pipelines of the examples and of these tests, broken in every way that somebody could think of:
/// `validate` ends with a message that says where, or finds the pipeline valid, and prints nothing raw.
@Suite struct MalformedPipelineTests {
    /// Times the number of damages and of pipelines, this is how many are read.
    private static let seeds: UInt64 = 5

    private static let pipelines: [[UInt8]] = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../../examples")
        let examples = ["caddy", "haproxy", "nginx", "quickstart"].compactMap { name in
            FileManager.default.contents(
                atPath: root.appending(path: "\(name)/bluegreen.yaml").path)
        }
        return examples.map { Array($0) } + [Array(Shop.pipeline.utf8)]
    }()

    @Test func `more than a thousand are read`() {
        #expect(Self.pipelines.count == 5)
        let count = PipelineDamage.allCases.count * Self.pipelines.count * Int(Self.seeds)
        #expect(count >= 1000)
    }

    @Test(arguments: PipelineDamage.allCases)
    func `a damaged pipeline is answered with a place, and never raw`(damage: PipelineDamage) {
        for (number, whole) in Self.pipelines.enumerated() {
            for seed in 1...Self.seeds {
                var random = SeededRandom(seed)
                let bytes = damage.applied(to: whole, &random)
                for wrong in Self.wrongAnswers(to: bytes) {
                    Issue.record("\(damage) of pipeline \(number), seed \(seed): \(wrong)")
                }
            }
        }
    }

    private struct Answer: Decodable {
        struct Row: Decodable {
            var severity: String
            var line: Int
            var column: Int
            var message: String
        }

        var valid: Bool
        var diagnostics: [Row]
    }

    private static func wrongAnswers(to bytes: [UInt8]) -> [String] {
        let shop = Shop(pipeline: nil)
        shop.files["bluegreen.yaml"] = bytes
        let began = Self.milliseconds
        let prose = shop.type("validate")
        let spent = Self.milliseconds - began
        let lines = shop.type("validate", "-o", "json")
        var wrong = [prose.output, prose.error, lines.output, lines.error].compactMap(\.raw)
        if spent > Self.patience { wrong.append("\(spent) ms") }
        let answer = try? JSONDecoder().decode(Answer.self, from: Data(lines.output.utf8))
        guard let answer else { return wrong + ["no answer: \(lines.output)\(lines.error)"] }
        let errors = answer.diagnostics.count { $0.severity == "error" }
        if answer.valid != (errors == 0) { wrong.append("valid with \(errors) errors") }
        for screen in [prose, lines] where screen.status != (answer.valid ? 0 : 78) {
            wrong.append("exit \(screen.status)")
        }
        if answer.diagnostics.count > 400 { wrong.append("\(errors) mistakes are no answer") }
        let widths = widths(of: bytes)
        wrong += answer.diagnostics.compactMap { row in
            let width = widths.indices.contains(row.line - 1) ? widths[row.line - 1] : nil
            guard let width, 1...(width + 1) ~= row.column, !row.message.isEmpty else {
                return "\(row.line):\(row.column) is outside: \(row.message.prefix(60))"
            }
            return nil
        }
        return wrong
    }

    /// In milliseconds: the program that is shipped may take 200, and is five times as fast.
    private static let patience = 1000

    /// That this thread has computed: how busy the machine is does not count.
    private static var milliseconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }

    /// How many characters each line has; at the very end one may be missed on a line of its own.
    private static func widths(of bytes: [UInt8]) -> [Int] {
        let text = String(decoding: bytes, as: UTF8.self).unicodeScalars
        var widths = [0]
        var previous: Unicode.Scalar = " "
        for scalar in text {
            switch scalar {
            case "\n" where previous == "\r": break
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": widths.append(0)
            default: widths[widths.count - 1] += 1
            }
            previous = scalar
        }
        return widths + [0]
    }
}
