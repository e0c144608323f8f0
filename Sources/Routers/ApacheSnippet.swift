import Contracts
import PipelineModel

/// The configuration with which Apache can be switched through a map: the part that is ours.
struct ApacheSnippet {
    let plan: StartingPlan

    var folder: String { "/var/lib/bluegreen/\(plan.service)" }
    var map: String { "\(folder)/live.map" }

    var configuration: String {
        """
        # \(plan.service): blue and green behind one address.
        # Needs the modules rewrite, headers, proxy and proxy_http.
        Listen \(plan.listen)

        <VirtualHost *:\(port)>
            RewriteEngine On

            # The one value that decides, looked up for every request. Without it: blue.
            RewriteMap bluegreen "txt:\(map)"
            RewriteRule ^ - [E=LIVE:blue]
            RewriteCond "${bluegreen:\(ApacheMap.key)}" "^green(:|$)"
            RewriteRule ^ - [E=LIVE:green]

            # `X-Env: green` shows a colour through this proxy, to this machine only.
            RewriteCond %{REMOTE_ADDR} "^(127\\.0\\.0\\.1|::1)$"
            RewriteCond %{HTTP:X-Env} "^(blue|green)$"
            RewriteRule ^ - [E=LIVE:%1]

            # What Apache serves now.
            RewriteRule "^/\\.bluegreen$" - [R=200]
            <Location "/.bluegreen">
                ErrorDocument 200 "%{reqenv:LIVE}"
            </Location>

            ProxyPreserveHost On
            RequestHeader set X-Forwarded-Proto "expr=%{REQUEST_SCHEME}"
            Header always set X-Live "expr=%{reqenv:LIVE}"

            # The path goes on as it came, `%2F` and all.
            AllowEncodedSlashes NoDecode
            RewriteCond %{ENV:LIVE} =green
        \(rule(plan.green))
        \(rule(plan.blue))

            # Asked again at once after it was down; an upgrade (WebSocket) is passed on.
        \(worker(plan.blue))
        \(worker(plan.green))
        </VirtualHost>

        """
    }

    private func rule(_ address: String) -> String {
        """
            RewriteCond %{THE_REQUEST} "^\\S+ (?:\\w+://[^/ ]*)?(/[^? ]*)"
            RewriteRule ^ "http://\(address)%1" [P,NE]
        """
    }

    private func worker(_ address: String) -> String {
        """
            <Proxy "http://\(address)">
                ProxySet retry=0 disablereuse=On upgrade=websocket
            </Proxy>
        """
    }

    private var port: Substring {
        plan.listen[(plan.listen.lastIndex(of: ":") ?? plan.listen.startIndex)...].dropFirst()
    }

    /// The map file as it is before the first switch.
    var first: String { ApacheMap.text(Datum(live: .blue, token: Token(number: 0))) }

    var pipeline: String {
        """
        router:
          apache:
            map: \(map)
            readBack: http://\(plan.reachable)/.bluegreen

        """
    }
}

extension ApacheRouter: ConfigurableRouter {
    package static func startingPoint(_ plan: StartingPlan) -> StartingPoint {
        let snippet = ApacheSnippet(plan: plan)
        return StartingPoint(
            files: [
                .init(
                    path: "/etc/apache2/sites-available/bluegreen.conf",
                    text: snippet.configuration),
                .init(path: snippet.map, text: snippet.first),
            ],
            folders: [snippet.folder],
            loading: [
                "let Apache load it: a2enmod headers proxy_http rewrite"
                    + " && a2ensite bluegreen && systemctl reload apache2"
            ],
            pipeline: snippet.pipeline)
    }
}
