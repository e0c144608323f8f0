import FoundationEssentials
import Glibc

/// A proxy that looks for a slot file at every request, as the rig knows it.
package struct SlotProxy: Sendable {
    /// As the pipeline file calls it, and its program.
    package let name: String
    /// The whole configuration around what `init` wrote.
    let main: @Sendable (_ site: String, _ folder: TemporaryFolder) -> String
    /// How it is started on a configuration, in the foreground.
    let start: @Sendable (_ program: String, _ folder: TemporaryFolder) -> [String]
    /// Makes it read its configuration again, and returns when it has.
    let reload: @Sendable (SlotProxyRig) async throws -> Void

    /// The program, or nil where it is not installed.
    package var program: String? {
        let folders = (environmentVariable("PATH") ?? "").split(separator: ":").map(String.init)
        return (folders + ["/usr/sbin", "/usr/local/sbin"]).map { "\($0)/\(name)" }
            .first { access($0, X_OK) == 0 }
    }

    package static let all = [caddy, nginx]

    package static let caddy = SlotProxy(
        name: "caddy",
        main: { site, folder in
            """
            {
                admin unix/\(folder.file("admin.sock"))
            }
            \(site)
            """
        },
        start: { program, folder in
            // What it wants to remember stays in the folder.
            ["env", "HOME=\(folder.path)", program, "run"] + Self.caddyfile(folder)
        },
        reload: { rig in
            let words = ["--force", "--address", "unix/\(rig.folder.file("admin.sock"))"]
            let done = try await ChildProcess.run(
                [rig.proxy.program ?? "caddy", "reload"] + Self.caddyfile(rig.folder) + words)
            guard done.status == 0 else { throw RigFailure("caddy reload: \(done)") }
        })

    private static func caddyfile(_ folder: TemporaryFolder) -> [String] {
        ["--config", folder.file(SlotProxyRig.mainName), "--adapter", "caddyfile"]
    }

    package static let nginx = SlotProxy(
        name: "nginx",
        main: { site, folder in
            """
            daemon off;
            worker_processes 2;
            pid \(folder.file("nginx.pid"));
            error_log \(folder.file("error.log")) notice;
            events { worker_connections 1024; }
            http {
                access_log off;
                client_body_temp_path \(folder.file("body"));
                proxy_temp_path \(folder.file("proxy"));
                fastcgi_temp_path \(folder.file("fastcgi"));
                uwsgi_temp_path \(folder.file("uwsgi"));
                scgi_temp_path \(folder.file("scgi"));
            \(site)
            }
            """
        },
        start: { program, folder in
            [
                program, "-p", folder.path, "-e", folder.file("error.log"), "-c",
                folder.file(SlotProxyRig.mainName),
            ]
        },
        reload: { rig in
            func started() throws -> Int {
                try rig.folder.read("error.log").components("start worker process ")
            }
            let before = try started()
            rig.signal(SIGHUP)
            try await eventually("the new workers of nginx") { try started() >= before + 2 }
            try await eventually("the end of the old workers of nginx", within: .seconds(40)) {
                try rig.folder.read("error.log").components(" exited with code 0") >= before
            }
        })
}

extension SlotProxy: CustomStringConvertible {
    package var description: String { name }
}

extension String {
    /// How often `words` occur.
    fileprivate func components(_ words: String) -> Int { ranges(of: words).count }
}
