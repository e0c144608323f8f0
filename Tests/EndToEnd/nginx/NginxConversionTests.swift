import Glibc
import Testing
import TrafficRig

extension RealSlots {
    /// Configurations as people have them, changed as `bluegreen init --from` proposes.
    @Suite(.enabled(if: isProgramWanted("nginx")))
    struct NginxConversionTests {
        private static let styles: KeyValuePairs = [
            "a site": """
            upstream web {
                server BLUE;
            }
            server {
                listen 127.0.0.1:PORT;
                location / {
                    proxy_set_header Host $host;
                    proxy_pass http://web;
                }
            }
            """,
            "keep-alive and parameters": """
            upstream web
            {
                zone web 64k;
                server BLUE max_fails=0; # the only one
                keepalive 8;
            }
            server
            {
                listen 127.0.0.1:PORT default_server;
                server_name shop.example "www.shop.example";
                proxy_http_version 1.1;
                proxy_set_header Connection "";
                location / { proxy_pass http://web; }
            }
            """,
            "several places": """
            upstream web {
                server BLUE;
            }
            upstream other {
                server OTHER;
            }
            map $http_upgrade $connection_upgrade { default upgrade; "" close; }
            server {
                listen 127.0.0.1:PORT;
                proxy_set_header Host $http_host;
                location /other/ { proxy_pass http://other; }
                location = /version { proxy_pass http://web; }
                location / {
                    if ($request_method = PURGE) { return 405; }
                    proxy_pass http://web;
                }
            }
            """,
            "two servers": """
            upstream web {
                least_conn;
                server BLUE;
            }
            server {
                listen 127.0.0.1:PORT;
                server_name a.example;
                location / { proxy_pass http://web; }
            }
            server {
                listen 127.0.0.1:PORT;
                server_name b.example;
                location / { proxy_pass http://web; }
            }
            """,
            "an upstream in a line": """
            upstream web { server BLUE; keepalive 8; }
            server {
                listen 127.0.0.1:PORT;
                location / { proxy_set_header Host $host; proxy_pass http://web; }
            }
            """,
            "everything in a line": """
            upstream web { server BLUE; } server { listen 127.0.0.1:PORT; \
            location / { proxy_set_header Host $host; proxy_pass http://web; } }
            """,
            "a whole file": """
            user root;
            daemon off;
            pid FOLDER/nginx.pid;
            error_log stderr;
            events { worker_connections 100; }
            http {
                access_log off;
                open_file_cache max=100;
                server {
                    listen 127.0.0.1:PORT;
                    location / {
                        proxy_pass http://web;
                    }
                }
                upstream web {
                    server BLUE;
                }
            }
            """,
        ]

        @Test(arguments: styles.map(\.key))
        func `a configuration that exists gets a second colour, and blue answers as before`(
            style: String
        ) async throws {
            let text = try #require(Self.styles.first { $0.key == style }?.value)
            let program = try #require(installedProgram("nginx"))
            try await ConvertedProxy.open(text + "\n", named: "shop.conf") { path, folder in
                [program, "-c", try Self.main(path, text, folder)]
            } _: { proxy in
                try await proxy.convert(
                    "nginx", backend: "web",
                    from: [("shop.conf", "shop.conf"), ("blue", "slot/blue")],
                    edit: {
                        // As a line in /etc/hosts would lead that name here.
                        $0.replacing("/var/lib/bluegreen/shop", with: proxy.folder.file("slot"))
                            .replacing("http://a.example:", with: "http://127.0.0.1:")
                    },
                    reload: SIGHUP)
                if text.contains("OTHER") {
                    #expect(try await proxy.color(of: "/other/version") == "other")
                }
            }
        }

        /// The file that nginx begins with.
        private static func main(
            _ path: String, _ text: String, _ folder: TemporaryFolder
        ) throws -> String {
            guard !text.contains("events") else { return path }
            return try folder.write(
                """
                user root;
                daemon off;
                pid \(folder.path)/nginx.pid;
                error_log stderr;
                events {}
                http {
                    access_log off;
                    include \(path);
                }
                """, to: "main.conf")
        }
    }
}
