import Contracts
import PipelineModel
import Testing

@testable import Routers

@Suite struct HAProxySettingsTests {
    private static func mistakes(_ settings: Settings) -> [String] {
        let report = Report()
        let router = HAProxyRouter(settings.section(report), world: RouterWorld.world())
        #expect((router == nil) == report.hasErrors)
        return report.diagnostics.map(\.message)
    }

    @Test func `a socket and a map are enough`() {
        #expect(
            Self.mistakes(["socket": "/run/a.sock", "map": "/etc/bg.map", "key": "shop"]) == [])
    }

    @Test(arguments: ["127.0.0.1:9999", "haproxy.internal:9999", "[::1]:9999"])
    func `an address is host and port`(_ address: String) {
        #expect(Self.mistakes(["address": .text(address), "map": "m", "key": "shop"]) == [])
    }

    @Test(arguments: ["127.0.0.1", ":9999", "host:0", "host:70000", "::1:9999", "a b:1", "h;x:1"])
    func `anything else is no address`(_ address: String) {
        #expect(
            Self.mistakes(["address": .text(address), "map": "m", "key": "shop"])
                == ["'address' is not host:port"])
    }

    @Test func `all mistakes show at once`() {
        let mistakes = Self.mistakes([
            "socket": "/run/a b.sock", "address": "x:1", "map": "m", "register": [:],
            "key": "shop;quit", "master": "a\nb", "backends": ["blue": "x y"],
        ])
        #expect(
            Set(mistakes) == [
                "'socket' and 'address' exclude each other",
                "'map' and 'register' exclude each other",
                "'key' cannot be used as it is", "'master' cannot be used as it is",
                "'blue' cannot be used as it is",
            ])
    }

    @Test func `one way in and one way to keep the datum are needed`() {
        #expect(
            Set(Self.mistakes(["key": "shop"])) == [
                "'socket' or 'address' is missing", "'map' or 'register' is missing",
            ])
    }

    @Test(arguments: [
        "green; shutdown frontend f", "a\r\nb", "a\nset map x", "a b", "a\\b", "-a", ".a", "",
        "a/b",
        "ä", "a\u{0}", "<<",
    ])
    func `a name cannot carry a command`(_ name: String) {
        #expect(
            Self.mistakes(["socket": "s", "map": "m", "key": .text(name)])
                == ["'key' cannot be used as it is"])
    }

    @Test(arguments: ["/a b", "/a;b", "/a\nb", "/a\tb", "/a\\b", "/a<<b", "/a\"b", "", "/a\u{7F}"])
    func `a path cannot carry a command`(_ path: String) {
        #expect(
            Self.mistakes(["socket": "s", "map": .text(path), "key": "shop"])
                == ["'map' cannot be used as it is"])
    }

    @Test func `both colours in one backend are refused`() {
        #expect(
            Self.mistakes([
                "socket": "s", "map": "m", "key": "shop", "backends": ["blue": "shop_green"],
            ]) == ["blue and green have the same backend"])
    }

    @Test func `a variable has no dashes`() {
        #expect(
            Self.mistakes([
                "socket": "s", "key": "my-shop",
                "register": ["variable": "my-shop", "socket": "c", "file": "f"],
            ]) == ["'variable' cannot hold '-' or ':'"])
    }

    @Test func `a register on another machine needs no file, one on this machine does`() {
        #expect(
            Self.mistakes([
                "address": "lb:9999", "key": "shop",
                "register": ["variable": "shop", "address": "lb:9998"],
            ]) == [])
        #expect(
            Self.mistakes([
                "socket": "s", "key": "shop", "register": ["variable": "shop", "socket": "c"],
            ]) == ["'file' is missing"])
        #expect(
            Self.mistakes([
                "socket": "s", "key": "shop", "register": ["variable": "shop", "file": "f"],
            ]) == ["'socket' or 'address' is missing"])
    }

    @Test func `mistakes elsewhere in the file do not stop a sound router`() {
        let report = Report()
        report.error(at: Position(file: "x", line: 1, column: 1), "something else")
        let settings: Settings = ["socket": "s", "map": "m", "key": "shop"]
        #expect(HAProxyRouter(settings.section(report), world: RouterWorld.world()) != nil)
    }
}
