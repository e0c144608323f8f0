import Contracts
import Foundation
import PipelineModel
import Testing

@testable import Routers

/// A proxy that is switched by a slot file, as tests start it.
struct SlotProxyKind: Sendable, CustomTestStringConvertible {
    let router: any ConfigurableRouter.Type
    /// The whole configuration: what `init` wrote, and two sites that answer with their colour.
    let main: @Sendable (_ site: String, _ blue: Int, _ green: Int, _ folder: String) -> String
    let arguments: @Sendable (_ folder: String) -> [String]

    static let all = [caddy, nginx]

    var testDescription: String { router.kind }

    func make(_ settings: Settings, _ world: World) throws -> any Router {
        let made = router.init(settings.section(), world: world)
        return try #require(made)
    }

    var program: String? {
        ["/usr/sbin", "/usr/local/sbin", "/usr/bin", "/usr/local/bin"].map {
            "\($0)/\(router.kind)"
        }
        .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Where it is missing, tests against it are skipped aloud; in CI they fail instead.
    var isWanted: Bool {
        if program != nil { return true }
        if ProcessInfo.processInfo.environment["CI"] == "true" { return true }
        print("skipped: \(router.kind) is not installed")
        return false
    }

    static let caddy = SlotProxyKind(
        router: CaddyRouter.self,
        main: { site, blue, green, _ in
            """
            {
                admin off
            }
            \(site)
            http://:\(blue) {
                bind 127.0.0.1
                respond blue
            }
            http://:\(green) {
                bind 127.0.0.1
                respond green
            }
            """
        },
        arguments: { ["run", "--config", "\($0)/main.conf", "--adapter", "caddyfile"] })

    static let nginx = SlotProxyKind(
        router: NginxRouter.self,
        main: { site, blue, green, folder in
            """
            daemon off;
            worker_processes 1;
            pid \(folder)/nginx.pid;
            error_log \(folder)/error.log;
            events { worker_connections 256; }
            http {
                access_log off;
                client_body_temp_path \(folder)/body;
                proxy_temp_path \(folder)/proxy;
                fastcgi_temp_path \(folder)/fastcgi;
                uwsgi_temp_path \(folder)/uwsgi;
                scgi_temp_path \(folder)/scgi;
                server { listen 127.0.0.1:\(blue); return 200 blue; }
                server { listen 127.0.0.1:\(green); return 200 green; }
            \(site)
            }
            """
        },
        arguments: { ["-p", $0, "-e", "\($0)/error.log", "-c", "\($0)/main.conf"] })
}
