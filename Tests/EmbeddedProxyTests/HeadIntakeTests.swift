import NIOCore
import Testing

@testable import EmbeddedProxy

struct HeadIntakeTests {
    private let limits = HeadScanner.Limits(firstLine: 100, bytes: 200, lines: 10)

    @Test func `a head is found wherever it is cut`() throws {
        let head = "GET / HTTP/1.1\r\nHost: shop\r\n\r\n"
        for cut in 1..<head.utf8.count {
            var intake = HeadIntake()
            intake.add(ByteBuffer(bytes: head.utf8.prefix(cut)))
            #expect(try intake.headLength(limits) == nil)

            intake.add(ByteBuffer(bytes: head.utf8.dropFirst(cut)))

            #expect(try intake.headLength(limits) == head.utf8.count)
        }
    }

    @Test func `a client that always leaves a rest does not make the buffer grow`() throws {
        let head = "GET / HTTP/1.1\r\nHost: shop\r\n\r\n"
        var intake = HeadIntake()
        intake.add(ByteBuffer(string: "GE"))
        for _ in 1...1000 {
            intake.add(ByteBuffer(string: head.dropFirst(2) + "GE"))
            let length = try #require(try intake.headLength(limits))
            intake.drop(length)
            intake.startOver()
        }
        #expect(intake.bytes.storageCapacity < 1000)
    }

    @Test(arguments: [
        (String(repeating: "a", count: 101), 414),
        ("GET / HTTP/1.1\r\n" + String(repeating: "a", count: 200), 431),
        ("GET / HTTP/1.1\r\n" + String(repeating: "a:b\r\n", count: 12), 431),
    ])
    func `a limit holds before the head is whole`(text: String, status: Int) {
        var intake = HeadIntake()
        intake.add(ByteBuffer(string: text))

        let refusal = #expect(throws: Refusal.self) { try intake.headLength(limits) }

        #expect(refusal?.status == status)
    }
}
