import FoundationEssentials
import Glibc
import ProxyConformance
import TrafficRig

/// nginx by a reload: what its link says is what it serves after the next one.
struct LinkOfNginx: FaultRouter {
    let nginx: ProxyRig

    private static let link = "current"
    private static let record = ".current.bluegreen"

    var files: String { "/slot/" }

    func held() throws -> [String: String] {
        let record = nginx.folder.file("slot/" + Self.record)
        return [
            "link": try target(),
            "record": access(record, F_OK) == 0 ? try nginx.folder.read("slot/" + Self.record) : "",
        ]
    }

    func holdFile(_ state: [String: String]) throws {
        let files = FileManager.default
        for name in try files.contentsOfDirectory(atPath: nginx.slot)
        where name == Self.link || name.hasPrefix(".") {
            try files.removeItem(atPath: "\(nginx.slot)/\(name)")
        }
        try nginx.folder.link("slot/" + Self.link, to: state["link", default: ""])
        let record = state["record", default: ""]
        if !record.isEmpty { try nginx.folder.write(record, to: "slot/" + Self.record) }
    }

    func hold(_ state: [String: String]) throws {
        try holdFile(state)
        let before = try NginxReloads(nginx)
        nginx.signal(SIGHUP)
        let end = ContinuousClock.now + .seconds(40)
        while try !(before.precedes(NginxReloads(nginx))) {
            guard ContinuousClock.now < end else { throw RigFailure("nginx does not reload") }
            usleep(5000)
        }
    }

    /// A command that was killed may have left the order, or its messenger.
    func settle() async throws {
        try await eventually("nginx to have done what it was told", within: .seconds(40)) {
            try !isToldRightNow() && NginxReloads(nginx).areDone
        }
    }

    func colors() throws -> (now: String, later: String) {
        let question = try RawClient(port: nginx.port)
        question.send("GET /.bluegreen HTTP/1.0\r\n\r\n")
        guard question.readToEnd(), let word = question.text.split(separator: "\r\n\r\n").last
        else { throw RigFailure("nginx says nothing: \(question.text)") }
        return (String(word).trimming, String(try target().prefix { $0 != "." }))
    }

    private func target() throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: nginx.link)
    }

    /// Whether somebody calls `nginx -s reload`, or its signal has not been taken yet.
    private func isToldRightNow() throws -> Bool {
        let files = FileManager.default
        let calls = try files.contentsOfDirectory(atPath: "/proc").contains { name in
            // What has ended meanwhile tells nobody anything.
            let words = try? String(contentsOfFile: "/proc/\(name)/cmdline", encoding: .utf8)
            return words?.contains("\(nginx.folder.path)/bluegreen.conf\0-s\0") ?? false
        }
        let master = try nginx.folder.read("nginx.pid").trimming
        let state = try String(contentsOfFile: "/proc/\(master)/status", encoding: .utf8)
        let pending = state.split(separator: "\n").first { $0.hasPrefix("ShdPnd:") }
        return calls || pending?.hasSuffix("0000000000000000") != true
    }
}

/// What nginx has written down about its reloads.
private struct NginxReloads {
    let ordered: Int
    let begun: Int
    let started: Int
    let ended: Int

    init(_ nginx: ProxyRig) throws {
        let log = try nginx.folder.read("error.log")
        ordered = log.ranges(of: "(SIGHUP) received").count
        begun = log.ranges(of: ": reconfiguring\n").count
        started = log.ranges(of: "start worker process ").count
        ended = log.ranges(of: " exited with code 0").count
    }

    /// The two workers of the last one serve, and all former ones have ended. Two orders may be one
    /// reload.
    var areDone: Bool {
        started == 2 * (begun + 1) && ended >= 2 * begun && (ordered == 0) == (begun == 0)
    }

    func precedes(_ later: NginxReloads) -> Bool { later.begun > begun && later.areDone }
}
