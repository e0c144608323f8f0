import Contracts
import PipelineModel
import Testing

@testable import Checks

@Suite struct AddressTests {
    @Test(arguments: [
        ("/healthz", "http://127.0.0.1:8082/healthz"), ("/", "http://127.0.0.1:8082/"),
        ("//elsewhere/x", "http://127.0.0.1:8082//elsewhere/x"),
        ("/a@b", "http://127.0.0.1:8082/a@b"), ("/a?b=c#d", "http://127.0.0.1:8082/a?b=c#d"),
        ("http://shop", "http://shop"), ("https://shop.example.com:8443/a?b", nil),
        ("HTTP://Shop.Example.Com./", nil), ("http://[::1]:80/", nil),
        ("http://[2001:db8::1]", nil),
        ("http://10.0.0.1", nil), ("http://localhost:2019/", nil), ("http://169.253.0.1/", nil),
        ("http://170.254.169.254/", nil), ("http://metadata.example.com/", nil),
        ("http://169.254.169.254.example.com/", nil), ("http://fe80.example.com/", nil),
        ("http://a_b-c.example/", nil), ("http://shop/169.254.169.254", nil),
        ("http://[fd00:ec3::254]/", nil), ("http://[::ffff:10.0.0.1]/", nil),
    ])
    func `an ordinary address is kept`(written: String, url: String?) throws {
        let address = try RequestAddress(written, base: "http://127.0.0.1:8082")
        #expect(address.url == url ?? written)
    }

    @Test(arguments: [
        "http://169.254.169.254/latest/meta-data", "http://169.254.0.1",
        "https://169.254.169.254:443/",
        "http://169.254.169.254./", "http://2852039166/", "http://0xA9FEA9FE/",
        "http://0xa9.254.169.254/",
        "http://0251.0376.0251.0376/", "http://025177524776/", "http://169.16689662/",
        "http://169.254.43518/", "http://[::ffff:169.254.169.254]/", "http://[::ffff:a9fe:a9fe]/",
        "http://[::169.254.169.254]/", "http://[64:ff9b::a9fe:a9fe]/", "http://[fe80::1]/",
        "http://[FEBF::1]:80/", "http://[fd00:ec2::254]/", "http://[fd00:0ec2:0:0:0:0:0:254]/",
        "http://metadata.google.internal/", "http://METADATA.google.internal./", "http://metadata/",
        "http://instance-data/latest", "http://100.100.100.200/",
    ])
    func `an address that hands out credentials is refused`(written: String) {
        let failure = #expect(throws: Failure.self) {
            try RequestAddress(written, base: "http://shop")
        }
        #expect(failure?.code == .refused)
        #expect(
            failure?.message
                == "A request was not sent: link-local and metadata addresses are not asked.")
    }

    @Test(arguments: [
        "", "healthz", "ftp://shop/", "file:///etc/passwd", "httpx://shop", "http:/shop",
        "javascript:alert(1)", "unix:///run/x", "gopher://shop",
    ])
    func `anything but a path and http is refused`(written: String) {
        let failure = #expect(throws: Failure.self) {
            try RequestAddress(written, base: "http://shop")
        }
        #expect(
            failure?.message == "A request was not sent: a request needs a path or an http address."
        )
    }

    @Test(arguments: [
        "http://ana:secret@shop/", "http://ana@shop/", "http://@shop", "https://a%40b:c@shop:1/",
        "http://shop@169.254.169.254/",
    ])
    func `credentials are refused and not shown`(written: String) {
        let failure = #expect(throws: Failure.self) {
            try RequestAddress(written, base: "http://shop")
        }
        #expect(
            failure?.message
                == "A request was not sent: credentials do not belong into an address.")
    }

    @Test(arguments: [
        "http://", "http:///x", "http://?x", "http://:80/", "http://shop:/", "http://shop:0/",
        "http://shop:65536/", "http://shop:+80/", "http://shop:80:80/", "http://sh%6Fp/",
        "http://ѕhop/", "http://169。254。169。254/", "http://[::1", "http://[::1]x/", "http://[::g]/",
        "http://[1:2:3]/", "http://[::1::2]/", "http://[fe80::1%25eth0]/", "http://[::+1]/",
        "http://1.2.3.4.5/", "http://256.1.1.1/", "http://1.2.3.999/", "http://a..b/",
        "http://[1:2:3:4:5:6:7:8:9]/", "http://4294967296/",
    ])
    func `a host that is none is refused`(written: String) {
        let failure = #expect(throws: Failure.self) {
            try RequestAddress(written, base: "http://shop")
        }
        #expect(
            failure?.message
                == "A request was not sent: the address names no host, or a port that does not exist."
        )
    }

    @Test(arguments: [
        "/a b", "/a\r\nHost: x", "/a\0", "/\u{7F}", "http://shop\\@169.254.169.254/", "\t/a",
        "/\\x",
    ])
    func `blanks, backslashes and control characters are refused`(written: String) {
        let failure = #expect(throws: Failure.self) {
            try RequestAddress(written, base: "http://shop")
        }
        #expect(failure?.hint == "write a blank as %20")
    }

    @Test(arguments: [
        ("/carts/${capture.cart}", true), ("${url}/healthz", true), ("${env.ADDRESS}", true),
        ("http://${var.host}:${var.port}/x", true), ("http://ana:${env.X}@shop/", false),
        ("ftp://${var.host}", false), ("http://169.254.169.254/${version}", false),
        ("healthz/${version}", false),
    ])
    func `what is wrong whatever the names mean is reported`(written: String, isPlausible: Bool) {
        let report = Report()
        let position = Written.plain("").node.position
        let template = Template(TemplateParser.parse(written).parts, at: position)
        #expect(RequestAddress.isPlausible(template, report: report) == isPlausible)
        #expect(report.diagnostics.map(\.position) == (isPlausible ? [] : [position]))
    }
}
