import Contracts
import PipelineModel
import Routers
import ShopRig
import TestWorld
import Testing

@testable import Commands

/// What somebody is told who tries it for the first time.
@Suite struct FirstMinuteHintsTests {
    @Test(arguments: ["", "\n  \n", "# to be written\n\n  # soon"])
    func `a pipeline that says nothing yet is written`(text: String) {
        let shop = Shop(pipeline: text)
        #expect(shop.type("init").status == 0)
        #expect(shop.read("bluegreen.yaml").hasPrefix("apiVersion:"))
    }

    @Test(arguments: ["service: shop\n", "# a\nservice: shop"])
    func `a pipeline that says something is kept`(text: String) {
        let shop = Shop(pipeline: text)
        #expect(shop.type("init").status == 32)
        #expect(shop.read("bluegreen.yaml") == text)
    }

    @Test func `the port of another service's proxy is named at once`() {
        let shop = Shop(pipeline: nil)
        shop.production.change {
            $0.strangers[8080] = ProcessName(pid: 77, program: "bluegreen")
        }
        let screen = shop.type("init")
        #expect(screen.status == 0)
        #expect(screen.error.contains("pid 77 (bluegreen) has port 8080"), "\(screen.error)")
        #expect(!Shop(pipeline: nil).type("init").error.contains("has port"))
    }

    @Test(arguments: [("traefik", "api", "8099"), ("envoy", "admin", "9901")])
    func `a router's own page gets a port of its own`(kind: String, key: String, port: String) {
        let shop = Shop(pipeline: nil)
        #expect(shop.type("init", "--router", kind, "--listen", "127.0.0.1:\(port)").status == 0)
        let next = (Int(port) ?? 0) + 1
        #expect(shop.read("bluegreen.yaml").contains("\(key): http://127.0.0.1:\(next)\n"))
        let files = shop.files.paths.filter { $0.hasPrefix(kind) }.map(shop.read).joined()
        #expect(files.contains("\(next)"))
    }

    @Test(arguments: [
        ("caddy", "add to /etc/caddy/Caddyfile: import /etc/caddy/bluegreen.caddyfile"),
        ("nginx", "include /etc/nginx/conf.d/*.conf;"),
        ("symlink", "include /etc/nginx/conf.d/*.conf;"),
        ("apache", "a2ensite bluegreen"),
        ("haproxy", "haproxy -f /etc/haproxy/haproxy.cfg -f /etc/haproxy/bluegreen.cfg"),
        ("envoy", "install -m 644 envoy/envoy.yaml /etc/envoy/envoy.yaml"),
        ("envoy", "envoy -c /etc/envoy/envoy.yaml"),
        ("exec", "  chmod 755 /usr/local/bin/"),
        ("haproxy", "-f /etc/haproxy/bluegreen.cfg\"' >>/etc/default/haproxy"),
        ("symlink", "  ln -s blue /var/www/"),
        ("symlink", "  echo blue >/var/www/"),
        ("traefik", "install -m 644 traefik/traefik.yml /etc/traefik/traefik.yml"),
        ("traefik", "traefik --configFile=/etc/traefik/traefik.yml"),
    ])
    func `what makes the router read our files is a line to copy`(kind: String, line: String) {
        let screen = Shop(pipeline: nil).type("init", "--router", kind)
        #expect(screen.output.contains(line), "\(screen.output)")
    }

    /// What is there on Debian once the package of the proxy is.
    private static let packaged: Set = [
        "/etc/apache2/sites-available", "/etc/caddy", "/etc/haproxy", "/etc/nginx/conf.d",
        "/usr/local/bin",
    ]

    @Test(arguments: RouterCatalog.all.map { $0.kind })
    func `a file was to be installed into a folder that nobody had made`(kind: String) {
        let screen = Shop(pipeline: nil).type("init", "--router", kind)
        #expect(screen.status == 0, "\(screen)")
        var folders = Self.packaged
        for line in screen.output.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            if words.starts(with: ["install", "-d"]) {
                for folder in words.dropFirst(4) {
                    folders.formUnion([folder, Self.parent(folder)])
                }
            } else if words.starts(with: ["install", "-m"]) {
                #expect(folders.contains(Self.parent(words.last ?? "")), "\(screen)")
            }
        }
    }

    private static func parent(_ path: String) -> String {
        "/" + path.split(separator: "/").dropLast().joined(separator: "/")
    }

    @Test func `what a router counts is found by a word that is nearly it`() {
        let pipeline = Shop.pipeline.replacing("router: errorRate", with: "router: errorrate")
        let screen = Shop(pipeline: pipeline).type("validate")
        #expect(screen.status == 78)
        #expect(screen.error.contains("hint: did you mean 'errorRate'?"), "\(screen.error)")
    }

    @Test func `a check before the proxy runs says so, and what starts it`() {
        let shop = Shop(pipeline: nil)
        shop.type("init")
        let screen = shop.type("check")
        #expect(screen.status == 40)
        #expect(screen.error.contains("nobody answers at .bluegreen/proxy-8080"))
        #expect(screen.error.contains("next: Start it with 'bluegreen proxy --detach'."))
    }

    @Test(arguments: [
        ("bake:\n", "for: 5m\nbake:\n", "'for' belongs under 'bake'"),
        ("  haproxy:\n", "", "'socket' belongs under 'haproxy'"),
        ("bake:\n", "bake:\n  pass: x\n", "'pass' belongs under an item of 'metrics'"),
        ("retire:\n", "retire:\n  bake: {}\n", "'bake' belongs further out, beside 'retire'"),
        (
            "    consecutive: 3\n", "    retire: {}\n",
            "'retire' belongs further out, beside 'checks'"
        ),
        (
            "  - name: start\n", "  - name: start\n    ready: /healthz\n",
            "'ready' belongs beside 'process'"
        ),
        (
            "    run: [\"./start\", \"${color}\", \"${version}\"]\n",
            "    process: python3 app.py\n", "write it so: [\"python3\", \"app.py\"]"
        ),
        ("    http: /healthz\n", "  http: /healthz\n", "this line stands further left"),
    ])
    func `what stands in the wrong place is told where it belongs`(
        old: String, new: String, hint: String
    ) {
        let screen = Shop(pipeline: Shop.pipeline.replacing(old, with: new)).type("validate")
        #expect(screen.status == 78)
        #expect(screen.error.contains("hint: \(hint)"), "\(screen.error)")
    }
}
