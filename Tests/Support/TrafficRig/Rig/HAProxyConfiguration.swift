/// The configuration of the rig's HAProxy: one public address in front of two colours.
package struct HAProxyConfiguration: Sendable {
    /// Where HAProxy looks up, for each request, which colour is live.
    package enum Mechanism: Sendable {
        /// A map value `live:idle:percent:token`.
        case map(String = "blue:green:0:0")
        /// A map value that is only a colour, as in configurations that were there before us.
        case plainMap(String = "blue")
        /// The fenced variable `proc.shop`: the token times four, plus two while idle is claimed,
        /// plus one while green is live.
        case register(Int = 0)
    }

    package var mechanism: Mechanism
    /// Ports of the servers `s1`, `s2` ... of `shop_blue`.
    package var blue: [Int]
    package var green: [Int]

    package init(_ mechanism: Mechanism = .map(), blue: [Int], green: [Int]) {
        self.mechanism = mechanism
        self.blue = blue
        self.green = green
    }

    /// The names that the pipeline file uses for it: service key and header.
    package static let key = "shop"
    package static let previewHeader = "X-Env"
    /// The variable of the register.
    package static let variable = "shop"
    package static let raiseHeader = "x-bluegreen-raise"

    /// The whole `haproxy.cfg`; sockets and the map lie in `folder`.
    func text(port: Int, folder: TemporaryFolder) -> String {
        """
        global
            stats socket \(folder.file("admin.sock")) mode 600 level admin expose-fd listeners
            # 10 by default: ten hung clients would block every later command.
            stats maxconn 100
            hard-stop-after 30s

        defaults
            mode http
            timeout connect 1s
            timeout client 60s
            timeout server 60s
            timeout http-keep-alive 60s

        frontend shop
            bind 127.0.0.1:\(port)
        \(choice(folder))
            http-request set-var(txn.live) req.hdr(x-env) if { req.hdr(x-env) -m str blue green } \
        { src 127.0.0.0/8 }
            http-response set-header X-Live %[var(txn.live)]
            http-response set-header X-Served-By %[be_name]/%[srv_name]
            use_backend shop_%[var(txn.live)]
        \(control(folder))
        \(backend("blue", blue))
        \(backend("green", green))

        """
    }

    /// The file beside it that keeps the register over a reload; nil where there is none.
    var register: String? {
        guard case .register(let value) = mechanism else { return nil }
        return "global\n    set-var proc.\(Self.variable) int(\(value))\n"
    }

    /// The first contents of the map file; nil where there is none.
    var map: String? {
        switch mechanism {
        case .map(let value), .plainMap(let value): "\(Self.key) \(value)\n"
        case .register: nil
        }
    }

    private func choice(_ folder: TemporaryFolder) -> String {
        let map = folder.file(HAProxyRig.mapName)
        return switch mechanism {
        case .map:
            """
                http-request set-var(txn.st) str(\(Self.key)),map(\(map),blue:green:0:0)
                http-request set-var(txn.live) var(txn.st),field(1,:)
                http-request set-var(txn.idle) var(txn.st),field(2,:)
                http-request set-var(txn.pct) var(txn.st),field(3,:),add(0)
                http-request set-var(txn.dice) rand(100),sub(txn.pct)
                http-request set-var(txn.live) var(txn.idle) if { var(txn.dice) -m int lt 0 }
            """
        case .plainMap:
            "    http-request set-var(txn.live) str(\(Self.key)),map(\(map),blue)"
        case .register:
            """
                http-request set-var(txn.live) str(blue)
                http-request set-var(txn.live) str(green) if { var(proc.\(Self.variable)),and(1) eq 1 }
            """
        }
    }

    /// One request writes the register, unless it holds a newer value, and reads it back.
    private func control(_ folder: TemporaryFolder) -> String {
        guard case .register = mechanism else { return "" }
        let raise = Self.raiseHeader
        return """

            frontend control
                bind unix@\(folder.file(HAProxyRig.controlName)) mode 600
                http-request set-var(txn.want) req.hdr(\(raise)),add(0) if { req.hdr(\(raise)) -m found }
                http-request set-var(proc.\(Self.variable),iflt) var(txn.want) if { var(txn.want) -m found }
                http-request return status 200 content-type text/plain \
            lf-string "proc.\(Self.variable)=%[var(proc.\(Self.variable))]\\n"

            """
    }

    private func backend(_ color: String, _ ports: [Int]) -> String {
        let servers = ports.enumerated().map { index, port in
            "    server s\(index + 1) 127.0.0.1:\(port) check inter 100ms fall 2 rise 1"
        }
        return "backend shop_\(color)\n" + servers.joined(separator: "\n")
    }
}
