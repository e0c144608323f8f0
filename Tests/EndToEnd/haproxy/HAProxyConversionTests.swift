import Glibc
import Testing
import TrafficRig

extension RealHAProxy {
    /// Configurations as people have them, changed as `bluegreen init --from` proposes.
    @Suite struct ConversionTests {
        private static let head = """
            global
                stats socket FOLDER/admin.sock level admin mode 600

            defaults
                mode http
                timeout connect 5s
                timeout client 30s
                timeout server 30s

            """

        private static let styles: KeyValuePairs = [
            "plain": head + """
                frontend www
                    bind 127.0.0.1:PORT
                    default_backend web

                backend web
                    server s1 BLUE check
                """,
            "many rules": head + """
                frontend www
                    bind 127.0.0.1:PORT
                    acl is_other path_beg /other
                    acl is_version path /version
                    use_backend other if is_other
                    use_backend web if is_version or { path /healthz }
                    default_backend other

                backend other
                    server o1 OTHER

                # What users come for.
                backend web
                    balance leastconn
                    option httpchk GET /healthz
                    server "s1" BLUE check inter 1s # the only one
                """,
            "listen": head + """
                listen web
                    bind 127.0.0.1:PORT
                    option forwardfor
                    http-request set-header X-From listen
                    server s1 BLUE
                """,
            "named defaults": """
            global
                stats socket FOLDER/admin.sock mode 600 level admin
                stats maxconn 20
            defaults tcp
                mode tcp
                timeout connect 5s
                timeout client 30s
                timeout server 30s
            defaults web from tcp
                mode http
            frontend www from web
                bind 127.0.0.1:PORT
                default_backend web
            backend web from web
                cookie SRV insert indirect nocache
                server s1 BLUE cookie s1
            """,
            "no rule but the default, above the others": head + """
                frontend www
                    default_backend web
                    bind 127.0.0.1:PORT
                    use_backend other if { path_beg /other }
                backend other
                    server o1 OTHER
                backend web
                    server s1 BLUE
                """,
        ]

        @Test(arguments: styles.map(\.key))
        func `a configuration that exists gets a second colour, and blue answers as before`(
            style: String
        ) async throws {
            let text = try #require(Self.styles.first { $0.key == style }?.value)
            let program = try #require(installedProgram("haproxy"))
            try await ConvertedProxy.open(text + "\n", named: "haproxy.cfg") { path, _ in
                [program, "-W", "-db", "-f", path]
            } _: { proxy in
                try await proxy.convert(
                    "haproxy", backend: "web",
                    from: [("haproxy.cfg", "haproxy.cfg"), ("bluegreen.map", "bluegreen.map")],
                    reload: SIGUSR2)
                if text.contains("OTHER") {
                    #expect(try await proxy.color(of: "/other/version") == "other")
                }
            }
        }
    }
}
