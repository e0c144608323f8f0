import Contracts
import FoundationEssentials
import ShopRig
import TestWorld
import Testing

@testable import Commands

/// A secret that a step prints in every form that tools write is nowhere afterwards: on no screen of any
/// verb, in no file of the record.
@Suite struct CanaryTests {
    /// Every form differs from every other.
    private static let canary = #"s3cr3t/canary+"valu€"&x=1 \end"#

    private static let forms: [String] = {
        let bytes = Data(canary.utf8)
        let escaped = canary.replacing("\\", with: #"\\"#).replacing("\"", with: #"\""#)
        let ascii = escaped.replacing("€", with: #"\u20ac"#)
        let percent = bytes.map { byte in
            let scalar = Unicode.Scalar(byte)
            let isPlain =
                scalar.isASCII && (scalar.properties.isAlphabetic || (0x30...0x39) ~= byte)
            return isPlain
                ? String(scalar)
                : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
        return [
            canary, escaped, ascii, escaped.replacing("/", with: #"\/"#), percent,
            percent.lowercasedEscapes, percent.replacing("%20", with: "+"),
            bytes.base64EncodedString(),
            bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_"),
        ]
    }()

    /// What must be found nowhere: no form, and no long part of one.
    private static let traces: [String] = forms + ["s3cr3t", "valu€"]

    private static func shop(failing: Bool) -> Shop {
        let pipeline = Shop.pipeline
            .replacing(
                #"run: ["./start", "${color}", "${version}"]"#,
                with: #"run: ["./start", "${color}", "${env.TOKEN}"]"#
                    + "\n    env: {KEY: \"${env.TOKEN}\"}"
            )
            .replacing("    http: /healthz", with: "    http: /healthz?key=${env.TOKEN}")
        let shop = Shop(pipeline: pipeline, environment: ["TOKEN": canary])
        let lines = forms.map { "trying \($0) now" } + [forms.joined(separator: ",")]
        shop.production.change {
            $0.programs["./start"] = .init(exit: failing ? 1 : 0, lines: lines)
            $0.programs["./stop"] = .init(exit: failing ? 1 : 0, lines: lines)
        }
        return shop
    }

    private static let verbs = [
        ["validate"], ["plan", "2.9"], ["deploy", "2.7"], ["deploy", "2.8"], ["status"],
        ["history"],
        ["show"], ["check"], ["switch", "--no-bake"], ["rollback", "--reason", canary],
        ["freeze", "--reason", canary],
        ["deploy", "2.9", "--reason", canary], ["unfreeze"], ["lock"], ["doctor"], ["resume"],
        ["abort"],
        ["adopt"], ["retire", "-y"], ["wait", "--for", "free"], ["watch", "--once"],
    ]

    @Test(arguments: [[], ["-v"], ["-o", "json"]], [false, true])
    func `a secret is in no sink`(way: [String], failing: Bool) {
        let shop = Self.shop(failing: failing)
        for words in Self.verbs {
            let screen = shop.type(words + way)
            Self.expectNone(in: screen.output + screen.error, of: "\(words) \(way)")
            shop.wait(.seconds(7200))
        }
        #expect(shop.recorded.contains("trying ***"))
        for path in shop.files.paths where path.hasPrefix(".bluegreen") {
            Self.expectNone(in: shop.read(path), of: path)
        }
    }

    @Test(arguments: 1...40)
    func `a run that is killed leaves no secret behind`(operation: Int) {
        let shop = Self.shop(failing: false)
        shop.files.prepare(.death(written: 60), at: operation * 2)
        let screen = shop.type("deploy", "2.7", "-v")
        Self.expectNone(in: screen.output + screen.error, of: "the screen")
        for path in shop.files.paths where path.hasPrefix(".bluegreen") {
            Self.expectNone(in: shop.read(path), of: path)
        }
    }

    private static func expectNone(in text: String, of sink: String) {
        for trace in traces where text.contains(trace) {
            Issue.record("\(sink) holds \(trace)")
        }
    }
}

extension String {
    /// `%2F` becomes `%2f`.
    fileprivate var lowercasedEscapes: String {
        split(separator: "%", omittingEmptySubsequences: false).enumerated().map { index, part in
            index == 0 ? String(part) : part.prefix(2).lowercased() + part.dropFirst(2)
        }.joined(separator: "%")
    }
}
