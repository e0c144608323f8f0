import Contracts
import Testing

@testable import Routers

@Suite struct NginxConversionTests {
    private func conversion(_ text: String, backend: String? = nil) throws -> Conversion {
        try NginxRouter.conversion(
            of: text,
            ConversionWish(
                path: "/etc/nginx/sites-enabled/shop", service: nil, backend: backend,
                green: "10.0.0.2:8082"))
    }

    private let site = """
        upstream shop {
            least_conn;
            server 10.0.0.1:8081 max_fails=2; # one
            server 10.0.0.3:8081;
        }
        server {
            listen 443 ssl;
            listen 80;
            location / {
                proxy_set_header Host $host;
                proxy_pass http://shop;
            }
            location /api { proxy_pass http://shop; }
        }

        """

    @Test func `each proxy_pass takes a variable, and green is a copy of the upstream`() throws {
        let conversion = try conversion(site)
        let text = conversion.change.text
        #expect(text.contains("proxy_pass http://$shop_pool;"))
        #expect(text.contains("location /api { proxy_pass http://$shop_pool; }"))
        #expect(
            text.contains("if (-f /var/lib/bluegreen/shop/green) { set $shop_pool shop_green; }"))
        #expect(
            text.contains(
                """
                upstream shop_green {
                    least_conn;
                    server 10.0.0.1:8082 max_fails=2; # one
                    server 10.0.0.3:8082;
                }
                """))
        #expect(conversion.plan.listen == "*:80")
        #expect(conversion.notes.isEmpty)
        #expect(conversion.folders == ["/var/lib/bluegreen/shop"])
    }

    @Test(arguments: [
        ("upstream old {\n    server 10.0.0.3:8081 backup;\n}\n", "upstream 'old' has a server"),
        (
            "server {\n    listen 81;\n    location / { proxy_pass http://10.0.0.1:8081/v1; }\n}\n",
            "line 17 passes to 10.0.0.1:8081, a server of 'shop'"
        ),
        (
            "server {\n    set $t shop;\n    location / { proxy_pass http://$t; }\n}\n",
            "line 16 sets $t to 'shop'"
        ),
        (
            "map $host $pool {\n    default shop;\n    other elsewhere;\n}\n",
            "line 16 sets $pool to 'shop'"
        ),
    ])
    func `what stays on blue by another way is named`(more: String, says: String) throws {
        let notes = try conversion(site + more).notes
        #expect(notes.count == 1, "\(notes)")
        #expect(notes.first?.hasPrefix(says) == true, "\(notes)")
        #expect(notes.first?.contains("stays on blue after a switch") == true)
    }

    @Test(arguments: [
        "upstream other {\n    server 10.0.0.9:8081;\n}\n",
        "server {\n    set $t other;\n    location / { proxy_pass http://10.0.0.1:8089; }\n}\n",
    ])
    func `what leads elsewhere is no neighbour`(more: String) throws {
        #expect(try conversion(site + more).notes == [])
    }

    @Test func `the Host that the application gets is named where it changes`() throws {
        let conversion = try conversion(
            site.replacing("        proxy_set_header Host $host;\n", with: ""))
        #expect(conversion.notes.first?.contains("'shop_green' of green") == true)
    }

    @Test(arguments: [
        (
            "upstream shop { server 10.0.0.1:8081; }",
            "upstream shop_green { server 10.0.0.2:8082; }"
        ),
        (
            "upstream shop\n{ server 10.0.0.1:8081; # server 10.0.0.1:8081\n}",
            "upstream shop_green\n{ server 10.0.0.2:8082; # server 10.0.0.1:8081\n}"
        ),
        (
            "upstream shop { # shop\n# server 10.0.0.1:8081 was here\nserver 10.0.0.1:8081; keepalive 8; }",
            "upstream shop_green { # shop\n# server 10.0.0.1:8081 was here\nserver 10.0.0.2:8082; keepalive 8; }"
        ),
        (
            "upstream shop { server 10.0.0.1:808; server 10.0.0.3:8081 backup; }",
            "upstream shop_green { server 10.0.0.1:8082; server 10.0.0.3:8082 backup; }"
        ),
        ("upstream up { server up:80; }", "upstream up_green { server 10.0.0.2:8082; }"),
        ("upstream shop { server server; }", "upstream shop_green { server 10.0.0.2:8082; }"),
    ])
    func `the copy is laid out as the upstream is`(blue: String, green: String) throws {
        let name = blue.hasPrefix("upstream up ") ? "up" : "shop"
        let text = try conversion(
            "\(blue)\nserver {\n listen 80;\n location / { proxy_pass http://\(name); }\n}\n"
        ).change.text
        #expect(text.hasPrefix("\(blue)\n\n\(green)\nserver {\n"), "\(text)")
    }

    private static func named(_ others: String, isWhole: Bool) -> String {
        let sites = """
            upstream shop {
                server 10.0.0.1:8081;
            }
            \(others)
            server {
                listen 8080;
                server_name *.example.org ~^shop shop.example.com www.example.com;
                location / { proxy_set_header Host $host;
                    proxy_pass http://shop;
                }
            }
            server {
                listen 8080;
                server_name blog.example.com;
                root /var/www/blog;
            }

            """
        return isWhole ? "events {}\nhttp {\n\(sites)}\n" : sites
    }

    @Test(arguments: [
        (named("", isWhole: true), "*:8080"),
        (named("", isWhole: false), "shop.example.com:8080"),
        (
            named("server {\n listen 8080;\n root /a;\n}", isWhole: true),
            "shop.example.com:8080"
        ),
        (
            named("server {\n listen 9090;\n root /a;\n}", isWhole: true), "*:8080"
        ),
        (
            named("", isWhole: true).replacing(
                "listen 8080;\n    server_name blog",
                with: "listen 8080 default_server;\n    server_name blog"),
            "shop.example.com:8080"
        ),
        (
            named("", isWhole: false).replacing(
                "listen 8080;\n    server_name *",
                with: "listen 8080 default_server;\n    server_name *"),
            "*:8080"
        ),
    ])
    func `what is asked is the server that is switched, by its name where it needs one`(
        text: String, listen: String
    ) throws {
        let conversion = try conversion(text)
        #expect(conversion.plan.listen == listen)
        let address = listen.replacing("*", with: "127.0.0.1")
        #expect(conversion.pipeline.contains("readBack: http://\(address)/.bluegreen"))
        #expect(
            conversion.notes.contains { $0.contains("ask shop.example.com") }
                == listen.hasPrefix("shop"))
    }

    @Test(arguments: [
        ("server { listen 80; location / { proxy_pass http://10.0.0.1:80; } }", "upstream app"),
        (
            "upstream a { server 1.1.1.1:1; }\nserver {\n location / { proxy_pass http://a/; }\n}",
            "With a variable"
        ),
        (
            "upstream a {\n server 1.1.1.1:1;\n}\nupstream b {\n server 1.1.1.1:2;\n}\nserver {\n"
                + " location / { proxy_pass http://a; }\n location /b { proxy_pass http://b; }\n}",
            "--backend"
        ),
        (
            "upstream a {\n server 1.1.1.1:1;\n}\nserver {\n location /a { proxy_pass http://a/v1/; }\n location / { proxy_pass http://a; }\n}",
            "stay on blue"
        ),
        (
            "upstream a {\n server 1.1.1.1:1;\n}\nserver {\n location /a { grpc_pass grpc://a; }\n location / { proxy_pass http://a; }\n}",
            "stay on blue"
        ),
        (
            "upstream a {\n server 1.1.1.1:1;\n server 1.1.1.1:2;\n}\nserver {\n location / { proxy_pass http://a; }\n}",
            "Keep one server"
        ),
        ("server {\n", "nginx -t"),
    ])
    func `what it cannot change safely it refuses, and says what to do`(
        text: String, hint: String
    ) {
        let failure = #expect(throws: Failure.self) { try conversion(text) }
        #expect(failure?.hint?.contains(hint) == true, "\(String(describing: failure))")
    }

    private static let choice = """
            # The one file that decides, looked for at every request. Without it: blue.
            open_file_cache off;
            set $a_pool a;
            if (-f /var/lib/bluegreen/a/green) { set $a_pool a_green; }
            location = /.bluegreen {
                default_type text/plain;
                set $bluegreen_live blue;
                if (-f /var/lib/bluegreen/a/green) { set $bluegreen_live green; }
                return 200 "$bluegreen_live\\n";
            }
        """

    /// Lines are broken only where something of ours comes between.
    @Test(arguments: [
        (
            "upstream a { server 1.1.1.1:1; }\nserver { location / { proxy_pass http://a; } }\n",
            """
            upstream a { server 1.1.1.1:1; }

            upstream a_green { server 10.0.0.2:8082; }
            server {
            CHOICE
             location / { proxy_pass http://$a_pool; } }

            """
        ),
        (
            "upstream b { server 1.1.1.1:2; } upstream a { server 1.1.1.1:1; } server { listen 80; location / { proxy_pass http://a; } location /a2 { proxy_pass http://a2; } } # end\n",
            """
            upstream b { server 1.1.1.1:2; } upstream a { server 1.1.1.1:1; }

            upstream a_green { server 10.0.0.2:8082; }
             server {
            CHOICE
             listen 80; location / { proxy_pass http://$a_pool; } location /a2 { proxy_pass http://a2; } } # end

            """
        ),
        (
            "upstream a {\n    server 1.1.1.1:1;\n} server { # all\n    location / {\n        proxy_pass\n            'http://a' ; } }\n",
            """
            upstream a {
                server 1.1.1.1:1;
            }

            upstream a_green {
                server 10.0.0.2:8082;
            }
             server { # all
            CHOICE
                location / {
                    proxy_pass
                        'http://$a_pool' ; } }

            """
        ),
        (
            "http { server { location / { proxy_pass http://a; } } server { location / { proxy_pass http://a; } } upstream a { server 1.1.1.1:1; } }\n",
            """
            http { server {
            CHOICE
             location / { proxy_pass http://$a_pool; } } server {
            CHOICE
             location / { proxy_pass http://$a_pool; } } upstream a { server 1.1.1.1:1; }

            upstream a_green { server 10.0.0.2:8082; }
             }

            """
        ),
    ])
    func `a server is converted however its lines are laid out`(
        text: String, result: String
    ) throws {
        let change = try conversion(text).change
        #expect(change.text == result.replacing("CHOICE", with: Self.choice), "\(change.text)")
    }

    @Test func `lines that end as on Windows are lines`() throws {
        let text = site.replacing("server {", with: "# shop\nserver {")
            .replacing("\n", with: "\r\n")
        let change = try conversion(text).change
        #expect(
            change.text.replacing("\r\n", with: "\n")
                == (try conversion(site.replacing("server {", with: "# shop\nserver {")).change.text)
        )
    }

    @Test func `a word of nothing is a word`() throws {
        let map = "map $http_upgrade $connection { default close; \"\" \"\"; }\n"
        #expect(try conversion(map + site).change.text.hasPrefix(map))
    }

    @Test func `the diff on a screen shows the whole way of a request, and no key beside it`()
        throws
    {
        let text = """
            upstream a { server 1.1.1.1:1; }
            server {
                listen 80;
                location /api { proxy_set_header X-Key "canary"; proxy_pass http://a; }
                location /out { proxy_pass https://partner/v1?key=canary; }
                location / { proxy_pass http://a; proxy_set_header X-Key canary; }
            }

            """
        let shown = try conversion(text).change.shownDiff(of: "shop")
        let lines = shown.split(separator: "\n")
        for line in [
            "-    location /api { … …proxy_pass http://a; }",
            "+    location /api { … …proxy_pass http://$a_pool; }",
            "     location /out { proxy_pass https://partner…; }",
            "-    location / { proxy_pass http://a; …; }",
            "+    location / { proxy_pass http://$a_pool; …; }",
        ] {
            #expect(lines.contains(line[...]), "\(shown)")
        }
        #expect(!shown.contains("canary"), "\(shown)")
    }

    @Test(arguments: [
        ("include a;", "/etc/nginx/sites-enabled", "/etc/nginx"),
        ("include a;", "/etc/nginx", "/etc/nginx"),
        ("include a;", "/srv/sites/here", "/srv/sites/here"),
        (
            "events {}\nhttp {\n include a;\n}", "/etc/nginx/sites-enabled",
            "/etc/nginx/sites-enabled"
        ),
    ])
    func `relative names begin in the folder of the main file`(
        text: String, folder: String, main: String
    ) {
        #expect(
            NginxRouter.folder(ofNamesIn: text, in: folder) { $0 == "/etc/nginx/nginx.conf" }
                == main)
    }

    @Test func `only the name is made whole, of each include in a line`() {
        let text = NginxRouter.judged("include inc; include \"b\"; include /c;\n", from: "/n")
        #expect(text.contains("include /n/inc; include \"/n/b\"; include /c;"), "\(text)")
    }

    @Test func `a file of a site is judged inside http, and finds what it includes`() {
        let text = NginxRouter.judged("include snippets/tls.conf;\n", from: "/etc/nginx")
        #expect(
            text == "pid /dev/null; error_log stderr; events {} http { access_log off;"
                + " include /etc/nginx/snippets/tls.conf;\n}\n")
    }

    @Test func `judging a file makes none of the logs that it names, and no file of a process`() {
        let text = """
            pid /run/own.pid; error_log "/var/log/own.log" warn;
            events {}
            http { access_log /var/log/shop.log main; access_log syslog:server=10.0.0.9 main;
                server { access_log off; error_log stderr; } }

            """
        #expect(
            NginxRouter.judged(text, from: "/n") == """
                pid /dev/null; error_log "/dev/null" warn;
                events {}
                http { access_log /dev/./null main; access_log syslog:server=10.0.0.9 main;
                    server { access_log off; error_log stderr; } }

                """)
    }
}
