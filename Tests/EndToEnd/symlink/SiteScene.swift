import FoundationEssentials
import TrafficRig

/// A site of files behind a real nginx, and the built program to switch it.
struct SiteScene: PublicAddress {
    let folder: TemporaryFolder
    let proxy: ProxyRig

    var url: String { proxy.url }
    var page: String { identity }
    var identity: String { url + proxy.kind.page }
    var takesOrders: Bool { false }
    /// What the link says.
    var target: String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: proxy.link)
    }

    /// Opens a site on blue, runs `body`, ends nginx. `change` sees the configuration of nginx, and
    /// `more` stands in the section of the router.
    static func open(
        change: (String) -> String = { $0 }, more: String = "",
        _ body: (SiteScene) async throws -> Void
    ) async throws {
        let ports = (blue: try FreePort.next(), green: try FreePort.next())
        try await withTemporaryFolder { folder in
            try await ProxyRig.open(
                .symlink, blue: ports.blue, green: ports.green, change: change
            ) { proxy in
                let scene = SiteScene(folder: folder, proxy: proxy)
                let pipeline = """
                    apiVersion: bluegreen/v1
                    service: shop
                    colors:
                      blue:
                        url: http://127.0.0.1:\(ports.blue)
                      green:
                        url: http://127.0.0.1:\(ports.green)
                    router:
                    \(proxy.section)
                    \(more)
                    public:
                      url: \(scene.identity)
                      identity:
                        body: ${color}

                    """
                try folder.write(pipeline, to: "bluegreen.yaml")
                try await body(scene)
            }
        }
    }

    /// Whether a process that we may look at has the file of the site open.
    func isOpen(_ name: String) -> Bool {
        let (files, path) = (FileManager.default, "\(proxy.slot)/\(name)")
        // Processes come and go while they are looked at.
        let folders = ((try? files.contentsOfDirectory(atPath: "/proc")) ?? [])
            .filter { Int($0) != nil }.map { "/proc/\($0)/fd" }
        return folders.contains { folder in
            ((try? files.contentsOfDirectory(atPath: folder)) ?? []).contains {
                (try? files.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")) == path
            }
        }
    }

    /// Turns the link as `ln -sfn` does.
    func turn(to target: String) async throws {
        let done = try await ChildProcess.run(["ln", "-sfn", target, proxy.link])
        guard done.status == 0 else { throw RigFailure("ln: \(done)") }
    }
}
