import Contracts
import Foundation
import PipelineModel
import TestWorld
import Testing
import TrafficRig

@testable import Routers

@Suite struct HAProxySnippetTests {
    private static let plan = StartingPlan(
        service: "shop", listen: "127.0.0.1:8080", blue: "127.0.0.1:8081",
        green: "127.0.0.1:8082")
    private static let defaults = """
        defaults
            timeout connect 1s
            timeout client 5s
            timeout server 5s


        """

    /// The snippet with everything moved into `folder`, and backends that answer by themselves.
    private static func snippet(in folder: HAProxyFolder, listen: String) -> HAProxySnippet {
        var plan = plan
        plan.listen = listen
        return HAProxySnippet(
            plan: plan, socket: "\(folder.path)/admin.sock", map: "\(folder.path)/bg.map")
    }

    private static func answering(_ configuration: String) -> String {
        Color.allCases.reduce(defaults + configuration) { text, color in
            text.replacing(
                "backend shop_\(color)\n    mode http\n",
                with: "backend shop_\(color)\n    mode http\n"
                    + "    http-request return status 200 content-type text/plain string \(color)\n"
            )
        }
    }

    @Test func `the admin socket is for one user, and users come from this machine`() {
        let text = HAProxySnippet(plan: Self.plan, socket: "/run/a.sock", map: "/m").configuration
        #expect(text.contains("stats socket /run/a.sock mode 600 level admin"))
        #expect(text.contains("bind 127.0.0.1:8080\n"))
    }

    @Test func `no server is a fallback`() {
        #expect(!HAProxySnippet(plan: Self.plan).configuration.contains("backup"))
    }

    @Test func `init gets the configuration, the map and the section`() {
        let start = HAProxyRouter.startingPoint(Self.plan)
        #expect(
            start.files.map(\.path) == ["/etc/haproxy/bluegreen.cfg", "/etc/haproxy/bluegreen.map"])
        #expect(start.files.last?.text.hasSuffix("\nshop blue:green:0:0\n") == true)
        #expect(start.pipeline.hasPrefix("router:\n  haproxy:\n"))
        // Debian's own file has /run/haproxy/admin.sock: a second one there would replace it.
        #expect(start.files.first?.text.contains("socket /run/haproxy/bluegreen.sock ") == true)
        #expect(start.pipeline.contains("socket: /run/haproxy/bluegreen.sock\n"))
        #expect(start.loading.first?.contains("/etc/default/haproxy") == true)
    }

    @Test(.enabled(if: isProgramWanted("haproxy")))
    func `HAProxy takes it, and the section switches it`() async throws {
        let folder = try HAProxyFolder(.map)
        let snippet = Self.snippet(in: folder, listen: "unix@\(folder.path)/front.sock")
        try folder.folder.write("bg.map", snippet.mapFile)
        let proxy = try await RealHAProxy(
            folder, configuration: Self.answering(snippet.configuration))
        #expect(try proxy.live() == "blue")

        let streams = Streams { (request) throws(StreamFailure) in
            try BlockingExchange.exchange(request)
        }
        let router = try folder.router(streams, Self.settings(snippet.pipeline))
        let datum = Datum(live: .green, token: Token(epoch: 1, round: 1))
        let before = try await router.observe()
        #expect(await router.write(datum, expecting: before) == .applied)
        #expect(try proxy.live() == "green")
        #expect(await router.believed() == [.testers])
    }

    @Test(arguments: [
        ("", "", "/etc/haproxy/bluegreen.cfg", true),
        ("", "", "bluegreen.cfg", false),
        ("", "", "/etc/haproxy/other.cfg", false),
        ("field(3,:)", "field(4,:)", "/etc/haproxy/bluegreen.cfg", false),
        (
            "http-request set-var(txn.percent)", "# http-request set-var(txn.percent)",
            "/etc/haproxy/bluegreen.cfg", false
        ),
        ("    # Of 100 requests", "frontend other\n    #", "/etc/haproxy/bluegreen.cfg", false),
    ])
    func `a share that no line of HAProxy reads had a tick`(
        words: String, others: String, path: String, isRead: Bool
    ) async throws {
        let snippet = HAProxySnippet(plan: Self.plan)
        let disk = MemoryFiles()
        let text =
            words.isEmpty
            ? snippet.configuration : snippet.configuration.replacing(words, with: others)
        try #require((text != snippet.configuration) == !words.isEmpty)
        disk["/etc/haproxy/bluegreen.cfg"] = Array(text.utf8)
        // As HAProxy 2.6 and 3.0 say it.
        let answer = """
            # id (file) description
            0 (\(snippet.map)) pattern loaded from file '\(snippet.map)' used by map at file '\(path)' \
            line 10. curr_ver=0 next_ver=0 entry_cnt=1


            """
        let streams = Streams { (request) throws(StreamFailure) in
            #expect(request.bytes == Array("show map\n".utf8))
            return Array(answer.utf8)
        }
        let world = RouterWorld.world(streams: streams, files: disk.files, locks: disk.locks)
        let settings = Self.settings(snippet.pipeline).section()
        let router = try #require(HAProxyRouter(settings, world: world))
        #expect(await router.believed() == (isRead ? [.testers] : [.shares, .testers]))
    }

    @Test(.enabled(if: isProgramWanted("haproxy")))
    func `the preview header works from this machine only`() async throws {
        let folder = try HAProxyFolder(.map)
        let port = try FreePort.next()
        let snippet = Self.snippet(
            in: folder, listen: "127.0.0.1:\(port)\n    bind unix@\(folder.path)/front.sock")
        try folder.folder.write("bg.map", snippet.mapFile)
        let proxy = try await RealHAProxy(
            folder, configuration: Self.answering(snippet.configuration))

        let request = StreamRequest(
            .tcp(host: "127.0.0.1", port: port),
            bytes: Array("GET / HTTP/1.0\r\nx-env: green\r\n\r\n".utf8), timeout: .seconds(2))
        let local = String(decoding: try BlockingExchange.exchange(request), as: UTF8.self)
        #expect(local.hasSuffix("\r\n\r\ngreen"))
        #expect(try proxy.live("x-env: green\r\n") == "blue", "no address, so not this machine")
    }

    /// The lines `name: value` of a section.
    private static func settings(_ pipeline: String) -> Settings {
        .mapping(
            pipeline.split(separator: "\n").compactMap { line in
                let words = line.split(separator: " ")
                return words.count == 2
                    ? (String(words[0].dropLast()), .text(String(words[1]))) : nil
            })
    }
}
