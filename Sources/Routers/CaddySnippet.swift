import Contracts
import PipelineModel

/// The configuration with which Caddy can be switched through a slot file: the part that is ours.
struct CaddySnippet {
    let plan: StartingPlan
    var slot: String { slotFolder ?? "/var/lib/bluegreen/\(plan.service)" }
    /// Somewhere else than usual.
    var slotFolder: String?

    /// A part of a Caddyfile, formatted as `caddy fmt` does.
    var configuration: String {
        """
        # \(plan.service): blue and green behind one address. Import it into the Caddyfile.
        \(imported(.blue, plan.blue))

        \(imported(.green, plan.green))

        http://:\(port) {\(bind)
        \t# The one file that decides, looked for at every request. Without it: blue.
        \t@green file {
        \t\troot \(slot)
        \t\ttry_files green
        \t}

        \t# `X-Env: green` shows a colour through this proxy, to this machine only.
        \(preview(.blue))
        \(preview(.green))

        \t# What Caddy serves now.
        \thandle /.bluegreen {
        \t\trespond @green green
        \t\trespond blue
        \t}

        \(handle("@preview_blue ", .blue))
        \(handle("@preview_green ", .green))
        \(handle("@green ", .green))
        \(handle("", .blue))
        }

        """
    }

    /// The slot file as it is before the first switch.
    var slotFile: String { SlotText.text(Datum(live: .blue, token: Token(number: 0))) }

    var pipeline: String {
        """
        router:
          caddy:
            slot: \(slot)
            readBack: http://\(plan.reachable)/.bluegreen
            # Instead, for a Caddy on another machine: its admin API, which cuts connections.
            # api: http://127.0.0.1:2019/config/apps/http/servers/srv0/routes/0/handle/0
            # resume: true          # where Caddy is started with --resume
            # The Caddyfile then needs 'vars' instead of '@green file': docs/routers/caddy.md.

        """
    }

    private func imported(_ color: Color, _ address: String) -> String {
        """
        (\(plan.service)_\(color)) {
        \theader X-Live \(color)
        \treverse_proxy \(address)
        }
        """
    }

    private func preview(_ color: Color) -> String {
        """
        \t@preview_\(color) {
        \t\tremote_ip 127.0.0.1 ::1
        \t\theader X-Env \(color)
        \t}
        """
    }

    private func handle(_ matcher: String, _ color: Color) -> String {
        """
        \thandle \(matcher){
        \t\timport \(plan.service)_\(color)
        \t}
        """
    }

    private var port: Substring { plan.listen[(colon ?? plan.listen.startIndex)...].dropFirst() }

    /// A host in the address of a site would decide about the `Host` of requests, not where to listen.
    private var bind: String {
        let host = plan.listen[..<(colon ?? plan.listen.startIndex)]
        return host == "*" ? "" : "\n\tbind \(host)\n"
    }

    private var colon: String.Index? { plan.listen.lastIndex(of: ":") }
}

extension CaddyRouter: ConfigurableRouter {
    package static func startingPoint(_ plan: StartingPlan) -> StartingPoint {
        let snippet = CaddySnippet(plan: plan)
        return StartingPoint(
            files: [
                .init(path: "/etc/caddy/bluegreen.caddyfile", text: snippet.configuration),
                .init(path: "\(snippet.slot)/blue", text: snippet.slotFile),
            ],
            folders: [snippet.slot],
            inclusion: "add to /etc/caddy/Caddyfile: import /etc/caddy/bluegreen.caddyfile",
            loading: ["let Caddy load it: caddy reload --config /etc/caddy/Caddyfile"],
            pipeline: snippet.pipeline)
    }
}
