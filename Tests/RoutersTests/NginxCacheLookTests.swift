import Contracts
import PipelineModel
import Synchronization
import TestWorld
import Testing

@testable import Routers

/// What is found of a cache in what `nginx -T` prints.
@Suite struct NginxCacheLookTests {
    private static let look = "if (-f /srv/shop/green) { set $shop_live green; }"
    private static let off = "open_file_cache off;"
    private static let on = "open_file_cache max=100 inactive=60s;"

    enum Verdict { case sound, doubtful, harmful, unknown }

    private static func printed(http: String = "", server: String, files: String = "") -> String {
        """
        # configuration file /etc/nginx/nginx.conf:
        events { worker_connections 1024; }
        http {
            \(http)
            include /etc/nginx/sites-enabled/*;
            server { listen 81; location / { open_file_cache max=7; } }
        }
        # configuration file /etc/nginx/sites-enabled/shop:
        server {
            listen 80;
            \(server)
        }
        \(files)
        """
    }

    private func inspect(
        _ text: String, ending: ProcessResult.Ending = .exited(0), isBeforeSwitch: Bool = false,
        command: Settings? = ["sudo", "nginx"], of proxy: any FakeFileProxy = FakeSlot()
    ) async throws -> (Inspection?, calls: [[String]]) {
        let calls = Mutex<[[String]]>([])
        var world = proxy.world
        world.processes.run = { (request) throws(Failure) in
            calls.withLock { $0.append(request.arguments) }
            for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
                request.line(OutputLine(.output, String(line)))
            }
            request.line(OutputLine(.error, "server {"))
            return ProcessResult(ending: ending)
        }
        var settings = proxy.settings
        if let command { settings = settings.merging(.mapping([("command", command)])) }
        let router = try type(of: proxy).kind.router(settings, world)
        let found = await router.inspect(isBeforeSwitch: isBeforeSwitch)
        return (found, calls.withLock { $0 })
    }

    private func verdict(_ inspection: Inspection?) -> Verdict {
        switch inspection {
        case .sound?: .sound
        case .doubtful?: .doubtful
        case .harmful?: .harmful
        case nil: .unknown
        }
    }

    @Test(arguments: [
        (Self.printed(server: Self.look), Verdict.sound),
        (Self.printed(server: Self.off + Self.look), .sound),
        (Self.printed(http: Self.on, server: Self.off + Self.look), .sound),
        (Self.printed(server: Self.on + Self.look), .harmful),
        (Self.printed(http: Self.off, server: Self.on + Self.look), .harmful),
        (Self.printed(server: Self.look + "location /a { \(Self.on) }"), .doubtful),
        (Self.printed(server: Self.look, files: Self.on), .doubtful),
        (Self.printed(server: Self.off + Self.look + "location /a { \(Self.on) }"), .doubtful),
        (Self.printed(server: Self.on), .unknown),
        ("http { server {", .unknown),
        ("", .unknown),
    ])
    func `a cache is found where it holds for the look at the slot`(
        text: String, expected: Verdict
    ) async throws {
        let (found, calls) = try await inspect(text)
        #expect(verdict(found) == expected, "\(String(describing: found))")
        #expect(calls == [["sudo", "nginx", "-T"]])
    }

    /// nginx has one value per block, else that of the block around it: http, server, location.
    @Test(arguments: [
        ("", "", Verdict.harmful),
        ("location /a { \(Self.on) }", "", .harmful),
        ("location /a { \(Self.off) }", "", .doubtful),
        ("include snippets/site;", Self.off, .doubtful),
        ("include snippets/site;", "location /a { \(Self.off) }", .doubtful),
        ("include snippets/site;", "server { \(Self.off) }", .harmful),
        (Self.off, "", .sound),
    ])
    func `a cache that a server has from 'http' was only a doubt`(
        server: String, files: String, expected: Verdict
    ) async throws {
        for (look, proxy) in Self.lookers {
            let text = Self.printed(http: Self.on, server: look + server, files: files)
            let (found, _) = try await inspect(text, isBeforeSwitch: true, of: proxy)
            #expect(verdict(found) == expected, "\(String(describing: found))")
            guard case .harmful(let what, _)? = found else { continue }
            #expect(what.contains("'open_file_cache max=100 inactive=60s' from 'http' where"))
        }
    }

    private static let lookers: [(String, any FakeFileProxy)] = [
        (look, FakeSlot()), ("root /srv/shop/current;", FakeSite()),
    ]

    @Test func `what is found is named, with what mends it`() async throws {
        let (found, _) = try await inspect(Self.printed(server: Self.on + Self.look))
        guard case .harmful(let what, let mend)? = found else {
            Issue.record("\(String(describing: found))")
            return
        }
        #expect(what.contains("'open_file_cache max=100 inactive=60s'"))
        #expect(what.contains("/srv/shop"))
        #expect(mend.contains("'open_file_cache off;'"))
    }

    @Test(arguments: [
        (Self.on + "root /srv/shop/current;", Verdict.harmful),
        (Self.on + "root /srv/shop/current/public;", .harmful),
        (Self.off + "root /srv/shop/current;", .sound),
        (Self.on + "root /srv/shop/currently;", .unknown),
    ])
    func `a cache is found where nginx follows a link`(
        server: String, expected: Verdict
    ) async throws {
        let text = Self.printed(server: server)
        for isBeforeSwitch in [false, true] {
            let (found, calls) = try await inspect(
                text, isBeforeSwitch: isBeforeSwitch, of: FakeSite())
            #expect(verdict(found) == expected, "\(String(describing: found))")
            #expect(calls == [["sudo", "nginx", "-T"]])
            guard case .harmful(let what, let mend)? = found else { continue }
            #expect(what.contains("/srv/shop/current hides a switch"))
            #expect(mend.contains("docs/routers/symlink.md"))
        }
    }

    @Test func `the server of a link is called only as the pipeline says`() async throws {
        let text = Self.printed(server: Self.on + "root /srv/shop/current;")
        let (found, calls) = try await inspect(text, command: nil, of: FakeSite())
        #expect(found == nil && calls.isEmpty)
    }

    @Test func `an nginx that shows nothing is no verdict`() async throws {
        let (found, _) = try await inspect(
            Self.printed(server: Self.look), ending: .exited(1))
        #expect(found == nil)
    }

    @Test func `before a switch nginx is called only as the pipeline says`() async throws {
        let harmful = Self.printed(server: Self.on + Self.look)
        let (named, _) = try await inspect(harmful, isBeforeSwitch: true)
        #expect(verdict(named) == .harmful)
        let (unnamed, calls) = try await inspect(harmful, isBeforeSwitch: true, command: nil)
        #expect(unnamed == nil && calls.isEmpty)
        let (byDoctor, itsCalls) = try await inspect(harmful, command: nil)
        #expect(verdict(byDoctor) == .harmful)
        #expect(itsCalls == [["nginx", "-T"]])
    }

    @Test func `a command beside 'reload' is refused`() {
        let report = Report()
        let settings: Settings = [
            "reload": ["include": "/etc/nginx/bluegreen/live.conf"],
            "readBack": "http://127.0.0.1:8080/.bluegreen", "command": ["nginx"],
        ]
        _ = NginxRouter(settings.section(report), world: FakeSlot().world)
        #expect(report.diagnostics.map(\.message) == ["'command' belongs to 'slot'"])
    }
}
