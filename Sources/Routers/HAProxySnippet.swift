import Contracts
import PipelineModel

/// The configuration with which HAProxy can be switched through a map: the part that is ours.
///
/// It has no timeouts (they belong to the `defaults` of the machine) and no fallback server: one that
/// sends live traffic to idle when live is down would hide exactly what a bake must see.
struct HAProxySnippet {
    let plan: StartingPlan
    var socket = "/run/haproxy/bluegreen.sock"
    var map = "/etc/haproxy/bluegreen.map"

    var configuration: String {
        """
        # \(plan.service): blue and green behind one address. Load it with a further `-f`.
        global
            stats socket \(socket) mode 600 level admin expose-fd listeners
            # The standard is 10: ten clients that hang would lock every later command out.
            stats maxconn 100

        frontend \(plan.service)
            mode http
            bind \(plan.listen)
            # The one value that decides, read for every request. A missing key means blue.
            http-request set-var(txn.datum) str(\(plan.service)),map(\(map),blue:green:0:0)
            http-request set-var(txn.live) var(txn.datum),field(1,:)
            # Of 100 requests, so many go to idle: `switch.canary`. It is 0 at all other times.
            http-request set-var(txn.percent) var(txn.datum),field(3,:),add(0)
            http-request set-var(txn.dice) rand(100),sub(txn.percent)
            http-request set-var(txn.live) var(txn.datum),field(2,:) if { var(txn.dice) -m int lt 0 }
            # `X-Env: green` shows a colour through this proxy, to this machine only.
            http-request set-var(txn.live) req.hdr(x-env,1) \
        if { req.hdr(x-env,1) -m str blue green } { src 127.0.0.0/8 ::1 }
            # `switch: {preview: {header: X-Canary, equals: "1"}}` lets testers reach the idle colour:
            # http-request set-var(txn.idle) str(green)
            # http-request set-var(txn.idle) str(blue) if { var(txn.datum),field(1,:) -m str green }
            # http-request set-var(txn.live) var(txn.idle) if { req.hdr(x-canary) -m str 1 }
            # What was decided, and who answered.
            http-response set-header X-Live %[var(txn.live)]
            http-response set-header X-Served-By %[be_name]/%[srv_name]
            use_backend \(plan.service)_%[var(txn.live)]

        \(backend(.blue, plan.blue))

        \(backend(.green, plan.green))

        """
    }

    /// The map as it is before the first switch.
    var mapFile: String {
        """
        # service live:idle:percent:token
        \(plan.service) blue:green:0:0

        """
    }

    var pipeline: String {
        """
        router:
          haproxy:
            socket: \(socket)
            map: \(map)
            key: \(plan.service)

        """
    }

    private func backend(_ color: Color, _ address: String) -> String {
        """
        backend \(plan.service)_\(color)
            mode http
            server s1 \(address) check inter 500ms fall 2
        """
    }
}

extension HAProxyRouter: ConfigurableRouter {
    package static func startingPoint(_ plan: StartingPlan) -> StartingPoint {
        let snippet = HAProxySnippet(plan: plan)
        return StartingPoint(
            files: [
                .init(path: "/etc/haproxy/bluegreen.cfg", text: snippet.configuration),
                .init(path: snippet.map, text: snippet.mapFile),
            ],
            loading: [
                "let HAProxy load it beside its own file, with Debian's unit, unless EXTRAOPTS is there:"
                    + " echo 'EXTRAOPTS=\"-S /run/haproxy-master.sock"
                    + " -f /etc/haproxy/bluegreen.cfg\"' >>/etc/default/haproxy"
                    + " && systemctl restart haproxy",
                "or, without a unit:"
                    + " haproxy -f /etc/haproxy/haproxy.cfg -f /etc/haproxy/bluegreen.cfg",
            ],
            pipeline: snippet.pipeline)
    }
}
