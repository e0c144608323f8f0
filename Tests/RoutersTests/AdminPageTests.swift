import Testing

@testable import Routers

/// What of an answer counts as one.
@Suite struct AdminPageTests {
    private static func body(_ text: String) -> String? {
        AdminPage.answer(Array(text.utf8)).map { String(decoding: $0.body, as: UTF8.self) }
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\n\r\nblue\n", "blue\n"),
        ("HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nblue", "blue"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nblue\r\n0\r\n\r\n", "blue"),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n2\r\nbl\r\n2;x=y\r\nue\r\n0\r\na: b\r\n\r\n",
            "blue"
        ),
    ])
    func `a whole answer has its body`(text: String, body: String) {
        #expect(Self.body(text) == body)
    }

    @Test func `an answer that was cut is none`() {
        let answers = [
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nblue",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nblue\r\n0\r\n\r\n",
        ]
        for answer in answers {
            for length in 0..<answer.utf8.count {
                let cut = String(decoding: answer.utf8.prefix(length), as: UTF8.self)
                #expect(Self.body(cut) == nil, "\(length)")
            }
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nblue",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nblue",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nblue",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nblue\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nblue\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nblue\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\nblue\r\n",
        "HTTP/2 200\r\n\r\nblue", "SSH-2.0-x\r\n\r\nblue", "HTTP/1.1 abc\r\n\r\nblue",
    ])
    func `an answer that contradicts itself is none`(text: String) {
        #expect(Self.body(text) == nil)
    }
}
