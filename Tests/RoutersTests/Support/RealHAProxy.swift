import Contracts
import Foundation
import PipelineModel
import Testing
import TrafficRig

/// A real `haproxy` that listens on unix sockets in a temporary folder and ends with the test.
///
/// Both backends answer by themselves with their colour, so no servers are needed to see traffic.
final class RealHAProxy {
    let folder: HAProxyFolder
    private let process = Process()

    /// Where tests find the program; `nil` says that it is not installed.
    static let program = installedProgram("haproxy")

    init(_ folder: HAProxyFolder, configuration: String? = nil) async throws {
        self.folder = folder
        try folder.folder.write("haproxy.cfg", configuration ?? Self.configuration(folder))
        process.executableURL = URL(filePath: try #require(Self.program, "haproxy is missing"))
        process.arguments = [
            "-W", "-S", "\(folder.path)/master.sock,mode,600", "-f", "\(folder.path)/haproxy.cfg",
            "-f", "\(folder.path)/register.cfg",
        ]
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        try await wait {
            try self.ask("admin.sock", "show info\n").contains("Uptime_sec")
                && self.masterAnswers()
        }
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
    }

    func ask(_ socket: String, _ text: String) throws -> String {
        let request = StreamRequest(
            .unix(path: "\(folder.path)/\(socket)"), bytes: Array(text.utf8), timeout: .seconds(2))
        return String(decoding: try BlockingExchange.exchange(request), as: UTF8.self)
    }

    /// What the body of one request through the public frontend says.
    func live(_ headers: String = "") throws -> String {
        let answer = try ask("front.sock", "GET / HTTP/1.1\r\nhost: x\r\n\(headers)\r\n")
        return answer.components(separatedBy: "\r\n\r\n").last ?? ""
    }

    /// The master starts itself anew once it has started a worker, and refuses until that is done.
    private func masterAnswers() throws -> Bool {
        try ask("master.sock", "show proc\n").hasPrefix("#<PID>")
    }

    /// Reloads and waits until the new worker and the master answer.
    func reload() async throws {
        let before = try workerPID()
        _ = try ask("master.sock", "reload\n")
        try await wait { try self.workerPID() != before && self.masterAnswers() }
    }

    /// Waits until the worker has taken a connection to the public frontend, and holds it.
    func waitUntilBusy() async throws {
        try await wait {
            let row = try self.ask("admin.sock", "show stat\n").split(separator: "\n")
                .first { $0.hasPrefix("front,FRONTEND,") }
            let fields = row?.split(separator: ",", omittingEmptySubsequences: false) ?? []
            return fields.count > 4 && fields[4] == "1"
        }
    }

    private func workerPID() throws -> String? {
        try ask("admin.sock", "show info\n").split(separator: "\n")
            .first { $0.hasPrefix("Pid:") }.map(String.init)
    }

    private func wait(_ isReady: () throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(300)
        while ContinuousClock.now < deadline {
            // Not reachable is the ordinary case while HAProxy starts; the deadline decides.
            if (try? isReady()) == true { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("haproxy did not get ready")
    }

    private static func configuration(_ folder: HAProxyFolder) -> String {
        let route =
            switch folder.way {
            case .map:
                """
                    http-request set-var(txn.live) str(shop),map(\(folder.path)/bg.map,blue),field(1,:)
                    use_backend shop_%[var(txn.live)]
                """
            case .register:
                """
                    use_backend shop_green if { var(proc.shop),and(1) eq 1 }
                    default_backend shop_blue
                """
            }
        return """
            global
                stats socket \(folder.path)/admin.sock mode 600 level admin expose-fd listeners
                stats maxconn 100
            defaults
                mode http
                timeout connect 1s
                timeout client 300s
                timeout server 5s
            frontend front
                bind unix@\(folder.path)/front.sock
            \(route)
            frontend control
                bind unix@\(folder.path)/control.sock mode 600
                http-request set-var(txn.wish) req.hdr(x-bluegreen-raise),add(0) \
            if { req.hdr(x-bluegreen-raise) -m found }
                http-request set-var(proc.shop,iflt) var(txn.wish) if { var(txn.wish) -m found }
                http-request return status 200 content-type text/plain \
            lf-string "proc.shop=%[var(proc.shop)]\\n"
            backend shop_blue
                http-request return status 200 content-type text/plain string blue
                server s1 unix@\(folder.path)/nobody.sock
                server s2 unix@\(folder.path)/nobody.sock
                server spare unix@\(folder.path)/nobody.sock backup
            backend shop_green
                http-request return status 200 content-type text/plain string green
                server s1 unix@\(folder.path)/nobody.sock
                server s2 unix@\(folder.path)/nobody.sock
            backend shop_slow
                server s1 unix@\(folder.path)/nobody.sock

            """
    }
}
