import FoundationEssentials
import ProxyConformance
import TrafficRig

/// A proxy that the cases of the conformance table are sent through.
enum ComparedProxy: String, CaseIterable {
    case bluegreen
    case nginx
    case haproxy = "HAProxy"

    private var program: String? {
        switch self {
        case .bluegreen: Products.bluegreen
        case .nginx: ProxyKind.nginx.program
        case .haproxy: HAProxyRig.program
        }
    }

    /// All are installed; in CI one that is missing is a failure instead.
    static let areThere =
        environmentVariable("CI") != nil || allCases.allSatisfy { $0.program != nil }

    /// Of the installed program; empty for the product, which is always the one of this tree.
    func version() async throws -> String {
        guard let program, self != .bluegreen else { return "" }
        let done = try await ChildProcess.run([program, "-v"])
        let words = (done.output + done.errors).split { $0 == " " || $0 == "\n" || $0 == "/" }
        guard let version = words.first(where: { $0.first?.isNumber == true }) else {
            throw RigFailure("\(program) -v says \(done)")
        }
        return String(version)
    }

    /// Starts it with a listener for each of the upstreams, runs `body` with their ports, and ends it.
    func serve<Result>(
        upstreams: [Int], _ body: ([Int]) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryFolder { folder in
            let lanes = try upstreams.map { (port: try FreePort.next(), upstream: $0) }
            let processes = try launch(lanes, folder)
            defer { processes.forEach { $0.killAtOnce() } }
            for lane in lanes {
                try await eventually("\(rawValue) to listen on \(lane.port)") {
                    if let ended = processes.first(where: { $0.endedAs != nil }) {
                        throw RigFailure("\(rawValue) ended: \(ended.errors)")
                    }
                    return try RawClient(port: lane.port).send("") == 0
                }
            }
            let result = try await body(lanes.map(\.port))
            for process in processes { await process.stop() }
            return result
        }
    }

    private typealias Lane = (port: Int, upstream: Int)

    private func launch(_ lanes: [Lane], _ folder: TemporaryFolder) throws -> [ChildProcess] {
        guard let program else { throw RigFailure("\(rawValue) is not installed") }
        switch self {
        case .bluegreen:
            return try lanes.enumerated().map { number, lane in
                let file = try folder.write(Self.pipeline(lane), to: "\(number).yaml")
                return try ChildProcess(
                    [program, "proxy", "--file", file], logs: folder, name: "lane-\(number)")
            }
        case .nginx:
            let site = Self.nginxMap + lanes.map(Self.nginxServer).joined()
            try folder.write(ProxyKind.nginx.main(site, folder), to: ProxyKind.nginx.configuration)
            let words = ProxyKind.nginx.start(program, folder)
            return [try ChildProcess(words, logs: folder, name: rawValue)]
        case .haproxy:
            let parts = lanes.enumerated().map { Self.haproxyLane($0, $1) }
            let file = try folder.write(
                Self.haproxyDefaults + parts.joined(), to: "haproxy.cfg")
            return [try ChildProcess([program, "-db", "-f", file], logs: folder, name: rawValue)]
        }
    }

    // MARK: Configurations, as `bluegreen init` writes them, without the choice of a colour

    private static func pipeline(_ lane: Lane) -> String {
        """
        apiVersion: bluegreen/v1
        service: shop-\(lane.port)
        colors:
          blue:
            url: http://127.0.0.1:\(lane.upstream)
          green:
            url: http://127.0.0.1:\(lane.upstream)
        router:
          embedded:
            listen: 127.0.0.1:\(lane.port)
        public:
          url: http://127.0.0.1:\(lane.port)/
          identity:
            header: X-Color

        """
    }

    private static let nginxMap = """
        map $http_upgrade $shop_connection {
            default upgrade;
            "" close;
        }

        """

    private static func nginxServer(_ lane: Lane) -> String {
        """
        server {
            listen 127.0.0.1:\(lane.port);
            location / {
                proxy_http_version 1.1;
                proxy_set_header Host $http_host;
                proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                proxy_set_header X-Forwarded-Proto $scheme;
                proxy_set_header Upgrade $http_upgrade;
                proxy_set_header Connection $shop_connection;
                proxy_pass http://127.0.0.1:\(lane.upstream);
            }
        }

        """
    }

    private static let haproxyDefaults = """
        defaults
            mode http
            timeout connect 1s
            timeout client 60s
            timeout server 60s

        """

    private static func haproxyLane(_ number: Int, _ lane: Lane) -> String {
        """
        frontend public\(number)
            bind 127.0.0.1:\(lane.port)
            default_backend shop\(number)
        backend shop\(number)
            server s1 127.0.0.1:\(lane.upstream)

        """
    }
}
