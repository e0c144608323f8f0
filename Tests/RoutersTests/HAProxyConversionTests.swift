import Contracts
import Testing

@testable import Routers

@Suite struct HAProxyConversionTests {
    private func conversion(
        _ text: String, backend: String? = nil, service: String? = nil
    ) throws -> Conversion {
        try HAProxyRouter.conversion(
            of: text,
            ConversionWish(
                path: "/etc/haproxy/haproxy.cfg", service: service, backend: backend,
                green: "10.0.0.2:8082"))
    }

    private func added(_ conversion: Conversion) -> [String] {
        let lines = conversion.change.diff(of: "x").split(separator: "\n").dropFirst(2)
        let added = lines.filter { $0.hasPrefix("+") }.map { line in
            String(line.dropFirst().drop { $0 == " " })
        }
        return added.filter { !$0.isEmpty }
    }

    private let rule =
        "use_backend app_green if { str(app),map(/etc/haproxy/bluegreen.map,blue:green:0:0),field(1,:) -m str green }"

    @Test func `a plain frontend gets one rule, and green is a copy of its backend`() throws {
        let conversion = try conversion(
            """
            global
                stats socket /run/haproxy/admin.sock mode 660 level admin
                stats maxconn 50
            defaults
                mode http
            frontend www
                bind *:80
                default_backend app
            backend app
                option httpchk GET /health
                server s1 10.0.0.1:8081 check # the only one

            """)
        #expect(
            added(conversion) == [
                rule, "backend app_green", "option httpchk GET /health",
                "server s1 10.0.0.2:8082 check",
            ])
        #expect(conversion.plan.listen == "*:80")
        #expect(conversion.plan.blue == "10.0.0.1:8081")
        #expect(conversion.pipeline.contains("backends: {blue: app, green: app_green}"))
        #expect(conversion.pipeline.contains("socket: /run/haproxy/admin.sock"))
    }

    @Test func `a rule with conditions gets a twin for each of them, before it`() throws {
        let conversion = try conversion(
            """
            defaults web
                mode http
            frontend www from web
                bind :443 ssl crt /etc/ssl/shop.pem
                bind :80
                use_backend api if { path_beg /api }
                use_backend app if { hdr(host) -i "shop.example" } || is_shop
                default_backend app
            backend api from web
                server a 10.0.0.9:1
            backend app from web
                server s1 10.0.0.1:8081
                server s2 10.0.0.3:8081
            """, backend: "app")
        let condition = rule.dropFirst("use_backend app_green if ".count)
        #expect(
            added(conversion).filter { $0.hasPrefix("use_backend") } == [
                "use_backend app_green if { hdr(host) -i \"shop.example\" } \(condition)",
                "use_backend app_green if is_shop \(condition)", rule,
            ])
        #expect(added(conversion).contains("backend app_green from web"))
        #expect(added(conversion).contains("server s2 10.0.0.3:8082"))
        #expect(added(conversion).contains("stats maxconn 100"))
        #expect(conversion.plan.listen == "*:80")
    }

    @Test func `a listen section keeps its servers as blue`() throws {
        let conversion = try conversion(
            """
            listen app
                bind 127.0.0.1:80
                mode http
                balance leastconn
                http-request set-header X-One 1
                server s1 10.0.0.1:8081
            """)
        #expect(added(conversion).contains(rule))
        #expect(added(conversion).contains("balance leastconn"))
        #expect(!added(conversion).contains { $0.hasPrefix("http-request") })
    }

    @Test func `two backends that are blue and green already are not copied`() throws {
        let conversion = try conversion(
            """
            defaults
                mode http
            frontend www
                bind 127.0.0.1:80
                default_backend shop_blue
            backend shop_blue
                server s1 10.0.0.1:8081
            backend shop_green
                server s1 10.0.0.7:8081
            """, service: "app")
        #expect(!added(conversion).contains { $0.hasPrefix("backend") })
        #expect(conversion.plan.green == "10.0.0.7:8081")
    }

    @Test(arguments: [
        (
            "frontend www\n bind :80\n default_backend app\nbackend app\n server s 10.0.0.1:1",
            "mode http"
        ),
        (
            "defaults\n mode http\nfrontend www\n bind :80\n use_backend a if x\n default_backend b\n"
                + "backend a\n server s 10.0.0.1:1\nbackend b\n server s 10.0.0.1:2", "--backend"
        ),
        (
            "defaults\n mode http\nfrontend www\n bind :80\n use_backend a unless x\n"
                + "backend a\n server s 10.0.0.1:1", "'if'"
        ),
        (
            "defaults\n mode http\nfrontend www\n bind :80\n default_backend a\n"
                + "backend a\n server s unix@/run/app.sock", "an address"
        ),
        (
            "defaults\n mode http\nfrontend www\n bind :80\n default_backend a\n"
                + "backend a\n server s 10.0.0.1:1\n server t 10.0.0.1:2", "Keep one server"
        ),
        (
            "defaults\n mode http\nfrontend www\n bind /run/h.sock\n default_backend a\n"
                + "backend a\n server s 10.0.0.1:1", "door"
        ),
    ])
    func `what it cannot change safely it refuses, and says what to do`(
        text: String, hint: String
    ) {
        let failure = #expect(throws: Failure.self) { try conversion(text) }
        #expect(failure?.hint?.contains(hint) == true, "\(String(describing: failure))")
    }

    @Test func `a backend that shares the servers of blue, and stays there, is named`() throws {
        let shared = """
            defaults
             mode http
            frontend www
             bind :80
             use_backend api if { path_beg /api }
             use_backend other if { path_beg /other }
             default_backend app
            backend app
             server s 10.0.0.1:1
            backend api
             server s 10.0.0.1:1
            backend other
             server s 10.0.0.1:2
            """
        let notes = try conversion(shared, backend: "app").notes
        #expect(notes.count == 1)
        #expect(notes.first?.hasPrefix("'api' sends to servers of 'app' too") == true)
    }

    @Test func `a backend chosen by an expression is named, as it is not read`() throws {
        let conversion = try conversion(
            "defaults\n mode http\nfrontend www\n bind :80\n use_backend %[req.hdr(host),map(h.map)]\n"
                + " default_backend app\nbackend app\n server s 10.0.0.1:1\n")
        #expect(conversion.notes.first?.hasPrefix("line 5 chooses a backend") == true)
    }

    @Test func `the diff is one that patch takes`() throws {
        let conversion = try conversion(
            "defaults\n mode http\nfrontend www\n bind :80\n default_backend app\n"
                + "backend app\n server s 10.0.0.1:1\n")
        #expect(
            conversion.change.diff(of: "/etc/haproxy/haproxy.cfg").hasPrefix(
                """
                --- /etc/haproxy/haproxy.cfg
                +++ /etc/haproxy/haproxy.cfg
                @@ -1,7 +1,16 @@
                +global
                """))
    }

    /// `patch` refuses a hunk whose last line it does not find as it is.
    @Test func `a last line without a line break is told to patch`() throws {
        let conversion = try conversion(
            "defaults\n mode http\nfrontend www\n bind :80\n default_backend app\n"
                + "backend app\n server s 10.0.0.1:1")
        let diff = conversion.change.diff(of: "x")
        #expect(
            diff.contains(
                """
                 backend app
                - server s 10.0.0.1:1
                \\ No newline at end of file
                + server s 10.0.0.1:1
                """))
        #expect(diff.contains("\n@@ -1,7 +1,16 @@\n"))
        #expect(conversion.change.text.hasSuffix(" server s 10.0.0.2:8082\n"))
    }
}
