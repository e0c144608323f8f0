import Contracts
import PipelineModel

/// The configuration with which nginx can be switched through a slot file: the part that is ours.
struct NginxSnippet {
    let plan: StartingPlan
    var slot: String { slotFolder ?? "/var/lib/bluegreen/\(plan.service)" }
    /// Somewhere else than usual.
    var slotFolder: String?

    /// For the `http` block.
    var configuration: String {
        """
        # \(plan.service): blue and green behind one address. Include it inside `http`.
        upstream \(plan.service)_blue {
            server \(plan.blue);
        }

        upstream \(plan.service)_green {
            server \(plan.green);
        }

        # `X-Env: green` shows a colour through this proxy, to this machine only.
        map "$remote_addr $http_x_env" $\(word)_preview {
            default "";
            "127.0.0.1 blue" blue;
            "127.0.0.1 green" green;
            "::1 blue" blue;
            "::1 green" green;
        }

        # What bluegreen counts of each request. More fields may follow these three.
        map $proxy_host $\(word)_color {
            \(plan.service)_blue blue;
            \(plan.service)_green green;
        }
        log_format \(word)_bluegreen escape=json
            '{"color":"$\(word)_color","status":"$status","time":$request_time}';

        # An upgrade (WebSocket) is passed on.
        map $http_upgrade $\(word)_connection {
            default upgrade;
            "" close;
        }

        server {
            listen \(plan.listen);

            # Without this line a cache set elsewhere would hide the switch.
            open_file_cache off;

            # The one file that decides, looked for at every request. Without it: blue.
            set $\(word)_live blue;
            if (-f \(slot)/green) { set $\(word)_live green; }
            if ($\(word)_preview) { set $\(word)_live $\(word)_preview; }

            # Beside your own log: with this line, those of `http` do not hold here.
            access_log \(log) \(word)_bluegreen;

            # What nginx serves now.
            location = /.bluegreen {
                access_log off;
                default_type text/plain;
                return 200 "$\(word)_live\\n";
            }

            location / {
                proxy_http_version 1.1;
                proxy_set_header Host $http_host;
                proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                proxy_set_header X-Forwarded-Proto $scheme;
                proxy_set_header Upgrade $http_upgrade;
                proxy_set_header Connection $\(word)_connection;
                add_header X-Live $\(word)_live always;
                proxy_pass http://\(plan.service)_$\(word)_live;
            }
        }

        """
    }

    static let inclusion =
        "inside 'http' of /etc/nginx/nginx.conf, unless it is there:"
        + " include /etc/nginx/conf.d/*.conf;"

    static let loading = "let nginx load it: nginx -t && nginx -s reload"

    /// The slot file as it is before the first switch.
    var slotFile: String { SlotText.text(Datum(live: .blue, token: Token(number: 0))) }

    var pipeline: String { silentPipeline + "    accessLog: \(log)\n" }

    /// Where nginx writes no log of our own.
    var silentPipeline: String {
        """
        router:
          nginx:
            slot: \(slot)
            readBack: http://\(plan.reachable)/.bluegreen

        """
    }

    private var log: String { "/var/log/nginx/\(plan.service)-bluegreen.log" }

    /// The service as part of a variable's name: letters, digits and `_`.
    private var word: String { Self.word(plan.service) }

    static func word(_ service: String) -> String {
        String(service.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }
}

extension NginxRouter: ConfigurableRouter {
    package static func startingPoint(_ plan: StartingPlan) -> StartingPoint {
        let snippet = NginxSnippet(plan: plan)
        return StartingPoint(
            files: [
                .init(path: "/etc/nginx/conf.d/bluegreen.conf", text: snippet.configuration),
                .init(path: "\(snippet.slot)/blue", text: snippet.slotFile),
            ],
            folders: [snippet.slot],
            inclusion: NginxSnippet.inclusion,
            loading: [NginxSnippet.loading],
            pipeline: snippet.pipeline)
    }
}
