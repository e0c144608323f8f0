import ShopRig
import TestWorld
import Testing

/// `init --from`, as somebody types it.
@Suite struct ConversionTests {
    private static let configuration = """
        defaults
            mode http
        frontend www
            bind :80
            default_backend web
        backend web
            server s1 10.0.0.1:8081

        """

    private func shop() -> Shop {
        let shop = Shop(pipeline: nil)
        shop.write("haproxy.cfg", Self.configuration)
        shop.write("proxy.cfg", Self.configuration)
        return shop
    }

    @Test func `the diff is shown, the proposal lies aside, what is there stays`() throws {
        let shop = shop()
        let screen = shop.type("init", "--from", "haproxy.cfg")
        #expect(screen.status == 0)
        #expect(screen.output.hasPrefix("--- haproxy.cfg\n+++ haproxy.cfg\n@@"))
        // The only original is kept before it is written over, and judged before it is read.
        #expect(
            screen.output.contains(
                """
                  cp -p haproxy.cfg haproxy/haproxy.cfg.before
                  cp haproxy/haproxy.cfg haproxy.cfg
                  let HAProxy read it, once: haproxy -c -f haproxy.cfg && systemctl reload haproxy

                """))
        // Nobody can type that command before the map is where it belongs.
        #expect(!screen.output.contains("haproxy -c -f haproxy/haproxy.cfg"), "\(screen.output)")
        #expect(screen.output.contains("haproxy, with bluegreen.map in its place, accepts it"))
        #expect(shop.files["haproxy.cfg"] == Array(Self.configuration.utf8))
        #expect(shop.files["haproxy/judged"] == nil)
        let diff = String(decoding: try #require(shop.files["haproxy/change.diff"]), as: UTF8.self)
        #expect(screen.output.hasPrefix(diff))
        #expect(shop.type("validate").status == 0)
    }

    @Test func `an address of green that nobody gave is said`() {
        let said = "green is to answer at 127.0.0.1:8082, as no --green was given"
        #expect(shop().type("init", "--from", "haproxy.cfg").output.contains(said))
        let given = shop().type("init", "--from", "haproxy.cfg", "--green", "127.0.0.1:8082")
        #expect(given.status == 0)
        #expect(!given.output.contains("--green was given"), "\(given.output)")
    }

    @Test func `green's address is no guess where the configuration has it`() {
        let shop = Shop(pipeline: nil)
        let pair = Self.configuration.replacing("backend web", with: "backend web_blue")
        shop.write("haproxy.cfg", pair + "backend web_green\n    server s1 10.0.0.1:8083\n")
        let screen = shop.type("init", "--from", "haproxy.cfg")
        #expect(screen.status == 0, "\(screen)")
        #expect(!screen.output.contains("--green was given"), "\(screen.output)")
    }

    @Test func `only the copies of the proxy's files are for nobody else`() {
        let shop = shop()
        shop.type("init", "--from", "haproxy.cfg")
        let modes = ["bluegreen.yaml", "haproxy/haproxy.cfg", "haproxy/change.diff"].map {
            shop.files.mode($0)
        }
        #expect(modes == [0o644, 0o600, 0o600])
    }

    /// In each place from which a line may come into the diff, beside it and copied.
    @Test(arguments: [
        (
            "haproxy",
            """
            userlist staff
                user admin insecure-password hunter2canary
            frontend www
                mode http
                # hunter2canary
                http-request deny unless { req.hdr(x-token) -m str hunter2canary }
                bind :80
                use_backend web if { path /a } { req.hdr(x-token) -m str hunter2canary } or here
                http-request set-header X-Key "hunter2canary;server { hunter2canary"
            backend web
                mode http
                http-request set-header Authorization "Bearer hunter2canary"
                server s1 10.0.0.1:8081
                stats auth admin:hunter2canary
            """
        ),
        (
            "nginx",
            """
            upstream web { # hunter2canary
                server 10.0.0.1:8081; # hunter2canary
                hash "$arg_key hunter2canary";
                sticky_cookie
                    hunter2canary;
            }
            server {
                listen 80;
                set $key "hunter2canary";
                if ($http_x_token != "hunter2canary") { return 403; }
                proxy_set_header Authorization
                    "Basic hunter2canary";
                location / { proxy_set_header X-Key "hunter2canary"; proxy_pass http://web; }
            }
            """
        ),
    ])
    func `no secret of the configuration is shown, and the whole diff is on disk`(
        proxy: String, text: String
    ) throws {
        let shop = Shop(pipeline: nil)
        shop.write("\(proxy).cfg", text + "\n")
        let screen = shop.type("init", "--from", "\(proxy).cfg")
        #expect(screen.status == 0, "\(screen)")
        #expect(!(screen.output + screen.error).contains("canary"), "\(screen.output)")
        #expect(screen.output.contains("+"), "\(screen.output)")
        #expect(screen.output.contains("server "), "\(screen.output)")
        #expect(screen.output.contains("all of it is in \(proxy)/change.diff"))
        let diff = String(
            decoding: try #require(shop.files["\(proxy)/change.diff"]), as: UTF8.self)
        #expect(diff.contains("canary"))
    }

    @Test func `in JSON the answer is one document`() {
        let screen = shop().type("init", "--from", "haproxy.cfg", "-o", "json")
        #expect(screen.output.hasPrefix(#"{"schemaVersion":1,"type":"init","#))
    }

    @Test(arguments: [
        (["--from", "haproxy.cfg", "--listen", ":80"], 64, "what the file says"),
        (["--backend", "web"], 64, "goes with --from"),
        (["--from", "proxy.cfg"], 64, "--router"),
        (["--from", "haproxy.cfg", "--router", "envoy"], 64, "haproxy or nginx"),
        (["--from", "haproxy/none.cfg"], 32, "Cannot read 'haproxy/none.cfg'"),
        (["--from", "haproxy.cfg", "--green", "10.0.0.1:8081"], 32, "an address of its own"),
        (["--from", "haproxy.cfg", "--service", "a b"], 32, "--service"),
        (["--from", "haproxy.cfg", "--backend", "api"], 32, "has no backend 'api'"),
    ])
    func `what cannot be done is said before anything is written`(
        words: [String], status: Int32, text: String
    ) {
        let shop = shop()
        let screen = shop.type(["init"] + words)
        #expect(screen.status == status, "\(screen.error)")
        #expect(screen.error.contains(text), "\(screen.error)")
        #expect(shop.files["bluegreen.yaml"] == nil)
    }
}
