import NIOCore
import ProxyConformance
import Testing

@testable import EmbeddedProxy

/// Requests that no table thought of, made from those of the table.
struct MutationTests {
    private static let limits = HeadScanner.Limits(firstLine: 8192, bytes: 32_768, lines: 100)
    private static let peer = Peer(address: "127.0.0.1", isTrusted: false)

    private struct Passed: Equatable {
        var head: String
        var framing: BodyFraming
    }

    @Test func `whatever is passed on has one reading, and is passed on the same again`() {
        var dice = Dice(state: 20_261_121)
        let seeds = ConformanceTable.all.filter {
            $0.direction == .request && $0.request.count < 4000
        }
        .map(\.request.octets)
        var passed = 0
        for _ in 1...20_000 {
            var bytes = seeds[dice.below(seeds.count)]
            for _ in 0...dice.below(3) { mutate(&bytes, &dice) }
            guard let first = pass(bytes, pieces: &dice) else { continue }
            let again = pass(Array(first.head.utf8), pieces: &dice)
            #expect(first.framing == again?.framing, "\(first.head.debugDescription)")
            #expect(hosts(first.head) == 1, "\(first.head.debugDescription)")
            passed += 1
        }
        #expect(passed > 1000)
    }

    /// What the upstream would get of the first request, where it is passed on.
    private func pass(_ bytes: [UInt8], pieces dice: inout Dice) -> Passed? {
        var intake = HeadIntake()
        var (position, fields) = (0, [Field]())
        while position < bytes.count {
            let end = min(bytes.count, position + 1 + dice.below(200))
            intake.add(ByteBuffer(bytes: bytes[position..<end]))
            position = end
            do throws(Refusal) {
                guard let length = try intake.headLength(Self.limits) else { continue }
                let head = try RequestRules.read(intake.bytes, length: length, fields: &fields)
                    .get()
                var out = ByteBuffer()
                RequestWriter.write(
                    head, fields, from: intake.bytes, peer: Self.peer, upstream: "127.0.0.1:1",
                    to: &out)
                intake.drop(length)
                intake.add(ByteBuffer(bytes: bytes[position...]))
                readBody(head.framing, &intake.bytes)
                return Passed(head: String(buffer: out), framing: head.framing)
            } catch {
                return nil
            }
        }
        return nil
    }

    private func readBody(_ framing: BodyFraming, _ input: inout ByteBuffer) {
        var reader = BodyReader(framing, trailerLimits: Self.limits)
        while case .bytes? = try? reader.next(&input) {}
    }

    private func hosts(_ head: String) -> Int {
        head.lowercased().split(separator: "\r\n").count { $0.hasPrefix("host:") }
    }

    private func mutate(_ bytes: inout [UInt8], _ dice: inout Dice) {
        let interesting = Array("\r\n\t :,;/#\u{0}0aZ-_=\"[]@%".utf8) + [0x7F, 0x80, 0xFF]
        guard !bytes.isEmpty else { return }
        let place = dice.below(bytes.count)
        switch dice.below(4) {
        case 0: bytes[place] = interesting[dice.below(interesting.count)]
        case 1: bytes.insert(interesting[dice.below(interesting.count)], at: place)
        case 2: bytes.remove(at: place)
        default:
            let end = min(bytes.count, place + 1 + dice.below(30))
            bytes.insert(contentsOf: bytes[place..<end], at: dice.below(bytes.count))
        }
    }
}

/// The same numbers in every run.
private struct Dice {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % limit
    }
}
