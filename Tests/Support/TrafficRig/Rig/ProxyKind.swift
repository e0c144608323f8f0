import FoundationEssentials
import Glibc

/// A proxy that is started on a folder with its configuration, as the rig knows it.
package struct ProxyKind: Sendable {
    /// As the pipeline file calls its router.
    package let name: String
    /// `nil`: of the same name.
    var programName: String?
    /// The file of `init` that it is started with.
    package let configuration: String
    /// The folder of what decides, as `init` writes it; the rig has it at `ProxyRig.slot`.
    let home: String
    /// Where a file of `init` lies below that folder, where that is not its name.
    var places: [String: String] = [:]
    /// The port of its own API, as `init` writes it, and what stands before it.
    var admin: (before: String, port: String)?
    /// What the program writes first, before it renames it into place in the slot.
    package var aside = ".blue.tmp"
    /// What says which colour serves a user.
    package var page = "/version"
    /// It answers itself for both colours, out of files.
    package var servesFiles = false
    /// Makes what `init` does not write.
    var prepare: @Sendable (TemporaryFolder) throws -> Void = { _ in }
    /// The whole configuration around what `init` wrote.
    package var main: @Sendable (_ site: String, TemporaryFolder) -> String = { site, _ in site }
    /// How it is started on its folder, in the foreground.
    package let start: @Sendable (_ program: String, TemporaryFolder) -> [String]
    /// Makes it read its configuration again, and returns when it has; `nil` where it has no such order.
    var reload: (@Sendable (ProxyRig) async throws -> Void)?
    /// How it is switched, where the same proxy can be switched in several ways that are one step.
    var way: String?
    /// A switch of it is a reload, which costs requests on connections that are kept.
    package var isReloadedToSwitch = false
    /// A reload of it ends WebSockets.
    package var cutsWebSockets = false
    /// What is changed to switch it.
    var mechanism = "a slot file, renamed"
    /// What stops a writer that is late.
    var fencing = MeasuredRouter.Fencing.synchronous
    /// Its section in a pipeline file.
    let settings: @Sendable (ProxyRig) -> KeyValuePairs<String, String>

    /// The program, or nil where it is not installed.
    package var program: String? { installedProgram(programName ?? name) }
    package var canReload: Bool { reload != nil }
    package var measured: MeasuredRouter {
        MeasuredRouter("\(self)", by: mechanism, fencing)
    }
    /// Whether tests against it are run.
    package var isWanted: Bool { isProgramWanted(programName ?? name) }
}

extension ProxyKind: CustomStringConvertible {
    package var description: String {
        let way = isReloadedToSwitch ? "by a reload" : way
        return way.map { "\(name), \($0)" } ?? name
    }
}

// MARK: - By a slot file

extension ProxyKind {
    /// Those that stand before two colours of a service.
    package static let proxies = slots + [apache] + talkers

    /// Those that say themselves what they serve, and count.
    package static let talkers = [envoy, envoyByLayer, traefik]

    /// Those that look for a slot file at every request.
    package static let slots = [caddy, nginx]

    package static let caddy = ProxyKind(
        name: "caddy", configuration: "bluegreen.caddyfile", home: "/var/lib/bluegreen/shop",
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
                [rig.kind.program ?? "caddy", "reload"] + Self.caddyfile(rig.folder) + words)
            guard done.status == 0 else { throw RigFailure("caddy reload: \(done)") }
        },
        settings: Self.slotSettings)

    /// Caddy as a package starts it: as a user of its own, who may not look everywhere.
    package static let packagedCaddy = ProxyKind(
        name: caddy.name, configuration: caddy.configuration, home: caddy.home,
        prepare: { folder in
            guard chmod(folder.path, 0o777) == 0 else {
                throw RigFailure("\(folder.path): errno \(errno)")
            }
        },
        main: caddy.main,
        start: { program, folder in
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
                + Self.caddy.start(program, folder)
        },
        settings: Self.slotSettings)

    private static func caddyfile(_ folder: TemporaryFolder) -> [String] {
        ["--config", folder.file("bluegreen.caddyfile"), "--adapter", "caddyfile"]
    }

    /// Caddy that is switched by a variable in its own configuration, as the manual shows it.
    package static func caddyByAPI(resumes: Bool = true) -> ProxyKind {
        ProxyKind(
            name: "caddy", configuration: "bluegreen.caddyfile", home: "/var/lib/bluegreen/shop",
            admin: ("admin 127.0.0.1:", "2019"),
            main: { site, _ in "{\n\tadmin 127.0.0.1:2019\n}\n\(decidingByVariable(site))" },
            start: { program, folder in
                Self.caddy.start(program, folder) + (resumes ? ["--resume"] : [])
            },
            isReloadedToSwitch: true, cutsWebSockets: true,
            settings: { rig in
                let handler = "config/apps/http/servers/srv0/routes/0/handle/0"
                return ["api": "\(rig.adminURL)/\(handler)", "resume": "\(resumes)"]
            })
    }

    private static func decidingByVariable(_ site: String) -> String {
        let lines = site.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(of: "\t@green file {"),
            let end = lines[start...].firstIndex(of: "\t}")
        else { return site }
        let variable = "\tvars {\n\t\tlive blue\n\t\tdatum blue:green:0:0\n\t}"
        return
            (lines[..<start] + [Substring(variable), "\t@green vars live green"]
            + lines[(end + 1)...])
            .joined(separator: "\n")
    }

    package static let nginx = ProxyKind(
        name: "nginx", configuration: "bluegreen.conf", home: "/var/lib/bluegreen/shop",
        main: Self.nginxMain, start: Self.nginxStart,
        reload: { try await reloadNginx($0) },
        settings: { rig in
            [
                "slot": rig.slot, "readBack": "\(rig.url)/.bluegreen",
                "accessLog": rig.folder.file("shop-bluegreen.log"),
            ]
        })

    /// nginx that cannot look for a file, and reads a link when it is reloaded.
    package static let reloadedNginx = ProxyKind(
        name: "nginx", configuration: "bluegreen.conf", home: "/var/lib/bluegreen/shop",
        aside: "..current.bluegreen.tmp",
        prepare: { folder in
            for color in ["blue", "green"] {
                try folder.publish(Self.included(color), as: "slot/\(color).conf")
            }
            try folder.link("slot/current", to: "blue.conf")
        },
        main: { site, folder in
            let lines = site.split(separator: "\n").filter {
                !$0.contains("    set $shop_live") && !$0.contains("    if (")
            }
            let include = "include \(folder.file("slot/current"));\n"
            return Self.nginxMain(include + lines.joined(separator: "\n"), folder)
        },
        start: Self.nginxStart, isReloadedToSwitch: true,
        settings: { rig in
            let words = Self.nginxStart("nginx", rig.folder).joined(separator: ", ")
            return [
                "reload":
                    "{include: \(rig.link), pid: \(rig.folder.file("nginx.pid")), command: [\(words)]}",
                "readBack": "\(rig.url)/.bluegreen",
            ]
        })

    /// What it reads for a colour.
    package static func included(_ color: String) -> String {
        "map \"\" $shop_live { default \(color); }\n"
    }

    private static func reloadNginx(_ rig: ProxyRig) async throws {
        func count(_ words: String) throws -> Int {
            try rig.folder.read("error.log").ranges(of: words).count
        }
        let before = try count("start worker process ")
        rig.signal(SIGHUP)
        try await eventually("the new workers of nginx") {
            try count("start worker process ") >= before + 2
        }
        try await eventually("the end of the old workers of nginx", within: .seconds(40)) {
            try count(" exited with code 0") >= before
        }
    }

    @Sendable private static func slotSettings(
        _ rig: ProxyRig
    ) -> KeyValuePairs<String, String> {
        ["slot": rig.slot, "readBack": "\(rig.url)/.bluegreen"]
    }

    @Sendable private static func nginxStart(
        _ program: String, _ folder: TemporaryFolder
    ) -> [String] {
        [
            program, "-p", folder.path, "-e", folder.file("error.log"), "-c",
            folder.file("bluegreen.conf"),
        ]
    }

    @Sendable private static func nginxMain(_ site: String, _ folder: TemporaryFolder) -> String {
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
        \(site.replacing("/var/log/nginx", with: folder.path))
        }
        """
    }
}

// MARK: - By something else

extension ProxyKind {
    /// nginx that serves the files of both colours itself, through a link.
    package static let symlink = ProxyKind(
        name: "symlink", programName: "nginx", configuration: "bluegreen.conf",
        home: "/var/www/shop", aside: ".current.tmp", page: "/color.txt", servesFiles: true,
        prepare: { folder in
            for color in ["blue", "green"] {
                let letters = String(repeating: String(color.prefix(1)), count: 400_000)
                try folder.publish("\(color)\n", as: "slot/\(color)/color.txt")
                try folder.publish(letters, as: "slot/\(color)/big.txt")
            }
            try folder.link("slot/current", to: "blue")
        },
        main: Self.nginxMain, start: Self.nginxStart, reload: { try await reloadNginx($0) },
        settings: { ["link": $0.link, "readBack": "\($0.url)/color.txt"] })

    package static let apache = ProxyKind(
        name: "apache", programName: "apache2", configuration: "bluegreen.conf",
        home: "/var/lib/bluegreen/shop", aside: ".live.map.tmp",
        main: Self.apacheMain,
        start: { program, folder in
            [program, "-f", folder.file("bluegreen.conf"), "-D", "FOREGROUND"]
        },
        reload: { try await reloadApache($0) },
        mechanism: "the file of a `RewriteMap`, renamed",
        settings: { ["map": "\($0.slot)/live.map", "readBack": "\($0.url)/.bluegreen"] })

    private static func reloadApache(_ rig: ProxyRig) async throws {
        func count() throws -> Int {
            try rig.folder.read("error.log").ranges(of: "resuming normal operations").count
        }
        let before = try count()
        rig.signal(SIGUSR1)
        try await eventually("the new workers of Apache") { try count() > before }
    }

    /// What a distribution has around a site.
    @Sendable private static func apacheMain(_ site: String, _ folder: TemporaryFolder) -> String {
        let modules = [
            "mpm_event", "authz_core", "headers", "proxy", "proxy_http", "rewrite",
        ].map { "LoadModule \($0)_module /usr/lib/apache2/modules/mod_\($0).so" }
        return """
            \(modules.joined(separator: "\n"))
            ServerName localhost
            ServerRoot \(folder.path)
            DefaultRuntimeDir \(folder.path)
            PidFile \(folder.file("apache.pid"))
            ErrorLog \(folder.file("error.log"))
            User nobody
            Group nogroup
            \(site)
            """
    }

    /// HAProxy on the configuration and the map of `init`, beside timeouts of its own.
    package static let haproxy = ProxyKind(
        name: "haproxy", configuration: "bluegreen.cfg", home: "/etc/haproxy",
        main: { site, folder in
            """
            defaults
                timeout connect 1s
                timeout client 60s
                timeout server 60s

            \(site.replacing("/run/haproxy/bluegreen.sock", with: folder.file("admin.sock")))
            """
        },
        start: { program, folder in [program, "-W", "-f", folder.file("bluegreen.cfg")] },
        mechanism: "a value of a map",
        settings: {
            [
                "socket": $0.folder.file("admin.sock"), "map": "\($0.slot)/bluegreen.map",
                "key": "shop",
            ]
        })

    package static let envoy = ProxyKind(
        name: "envoy", configuration: "envoy.yaml", home: "/var/lib/bluegreen/shop",
        admin: ("port_value: ", "9901"), aside: ".routes.yaml.tmp",
        start: { program, folder in
            [
                program, "-c", folder.file("envoy.yaml"), "--concurrency", "2",
                "--disable-hot-restart",
            ]
        },
        mechanism: "the file of its routes, renamed", fencing: .asynchronous,
        settings: { ["routes": "\($0.slot)/routes.yaml", "admin": $0.adminURL, "name": "shop"] })

    /// Envoy that follows the link of a layer of its runtime, as the manual shows it.
    package static let envoyByLayer = ProxyKind(
        name: "envoy", configuration: envoy.configuration, home: envoy.home, admin: envoy.admin,
        aside: "..current.bluegreen.tmp",
        prepare: { folder in
            for name in ["blue", "share-1", "share-2"] { try folder.makeFolder("slot/\(name)") }
            for name in ["shop.green", "shop.green_live"] {
                try folder.publish("100\n", as: "slot/green/\(name)")
            }
            try folder.link("slot/current", to: "blue")
        },
        main: { site, folder in
            havingLayer(site).replacing(envoy.home, with: folder.file("slot"))
        },
        start: envoy.start, way: "by a layer",
        mechanism: "the link of a runtime layer, renamed", fencing: .asynchronous,
        settings: { ["runtime": $0.link, "admin": $0.adminURL, "name": "shop"] })

    /// What stands before the resources.
    package static let layerOfEnvoy = """
        layered_runtime:
          layers:
            - name: bluegreen
              disk_layer:
                symlink_root: /var/lib/bluegreen/shop/current       # a link to `blue` or `green` beside it

        """

    private static func havingLayer(_ site: String) -> String {
        guard let start = site.firstRange(of: "                rds:\n"),
            let end = site.firstRange(of: "                http_filters:\n"),
            let resources = site.firstRange(of: "static_resources:")
        else { return site }
        let (top, middle) = (
            site[..<resources.lowerBound], site[resources.lowerBound..<start.lowerBound]
        )
        return "\(top)\(layerOfEnvoy)\n\(middle)\(layeredRoutes)\(site[end.lowerBound...])"
    }

    /// What stands in the place of `rds`.
    package static let layeredRoutes = """
                        route_config:
                          virtual_hosts:
                            - name: shop
                              domains: ["*"]
                              routes:
                                # `switch: {preview: {header: X-Canary, equals: "1"}}` lets testers reach idle:
                                # - match:
                                #     prefix: /
                                #     headers: [{ name: x-canary, string_match: { exact: "1" } }]
                                #     runtime_fraction:
                                #       runtime_key: shop.green_live
                                #       default_value: { numerator: 0 }
                                #   route: { cluster: shop_blue, timeout: 0s }
                                # - match:
                                #     prefix: /
                                #     headers: [{ name: x-canary, string_match: { exact: "1" } }]
                                #   route: { cluster: shop_green, timeout: 0s }
                                - match:
                                    prefix: /
                                    runtime_fraction:  # of 100; nothing: blue
                                      runtime_key: shop.green
                                      default_value: { numerator: 0 }
                                  route: { cluster: shop_green, timeout: 0s }
                                - match: { prefix: / }
                                  route: { cluster: shop_blue, timeout: 0s }

        """

    package static let traefik = ProxyKind(
        name: "traefik", configuration: "traefik.yml", home: "/etc/traefik/dynamic",
        admin: ("127.0.0.1:", "8099"), aside: ".shop-live.yml.tmp",
        start: { program, folder in [program, "--configFile=\(folder.file("traefik.yml"))"] },
        mechanism: "a file of its file provider, renamed", fencing: .asynchronous,
        settings: {
            ["file": "\($0.slot)/shop-live.yml", "api": $0.adminURL, "name": "shop"]
        })
}
