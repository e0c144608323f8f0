import Contracts
import PipelineModel
import Synchronization

@testable import Routers

/// HAProxy's runtime API and control frontend, as recorded from HAProxy 2.6, without HAProxy.
final class FakeHAProxy: Sendable {
    struct Server: Sendable {
        var name = "s1"
        var status = "UP"
        var isBackup = false
        var weight = 1
    }

    struct State: Sendable {
        var map: [String: String] = [:]
        var register: Int?
        var backends: [String: [Server]] = ["shop_blue": [Server()], "shop_green": [Server()]]
        var oldWorkers = 0
    }

    let folder: HAProxyFolder
    private let state = Mutex(State())

    init(_ folder: HAProxyFolder) throws {
        self.folder = folder
        try reload()
    }

    /// Starts again from the files.
    func reload() throws {
        let map = try folder.folder.read("bg.map")
        let register = try folder.folder.read("register.cfg")
        state.withLock {
            $0.map = [:]
            for line in map.split(separator: "\n") where !line.hasPrefix("#") {
                let words = line.split(separator: " ")
                if words.count == 2 { $0.map[String(words[0])] = String(words[1]) }
            }
            $0.register = register.split(whereSeparator: "()".contains).compactMap { Int($0) }.first
        }
    }

    func change(_ change: @Sendable (inout State) -> Void) {
        state.withLock { change(&$0) }
    }

    /// Where a request would go now.
    var live: Color? {
        state.withLock { state in
            switch folder.way {
            case .map: state.map["shop"].map { KeptDatum(written: $0) }.flatMap(\.color)
            case .register: state.register.map { $0 & 1 == 1 ? .green : .blue }
            }
        }
    }

    func exchange(_ request: StreamRequest) throws(StreamFailure) -> [UInt8] {
        let text = String(decoding: request.bytes, as: UTF8.self)
        return state.withLock { state in
            guard request.endpoint != .unix(path: "\(folder.path)/control.sock") else {
                return Array(Self.raise(&state, text).utf8)
            }
            let commands = text.split(whereSeparator: ";\n".contains)
            return Array(commands.map { answer(to: $0, &state) }.joined().utf8)
        }
    }

    private func answer(to command: Substring, _ state: inout State) -> String {
        let words = command.split(separator: " ").map(String.init)
        let isOurMap = words.count > 2 && words[2] == "\(folder.path)/bg.map"
        switch words.prefix(2).joined(separator: " ") {
        case "get map":
            return isOurMap
                ? Self.lookup(words[3], state)
                : "Unknown map identifier. Please use #<id> or <file>.\n\n"
        case "set map":
            guard isOurMap, state.map[words[3]] != nil else { return "entry not found.\n\n" }
            state.map[words[3]] = words[4]
            return "\n"
        case "show stat":
            return Self.statistics(state)
        case "show proc":
            let old = (0..<state.oldWorkers).map { "\(100 + $0)  worker  1  0d00h00m01s  2.6.12\n" }
            return "#<PID>  <type>  <reloads>  <uptime>  <version>\n1  master  0 [failed: 0]\n"
                + "# workers\n2  worker  0\n"
                + (old.isEmpty ? "" : "# old workers\n") + old.joined() + "# programs\n\n"
        default:
            return "Unknown command: '\(command)'.\n\n"
        }
    }

    private static func lookup(_ key: String, _ state: State) -> String {
        guard let value = state.map[key] else { return "type=str, case=sensitive, found=no\n\n" }
        return "type=str, case=sensitive, found=yes, idx=tree, "
            + "key=\"\(key)\", value=\"\(value)\", type=\"str\"\n\n"
    }

    private static func raise(_ state: inout State, _ request: String) -> String {
        let wish = request.components("x-bluegreen-raise: ").flatMap { Int($0) }
        if let wish, state.register.map({ $0 < wish }) ?? true { state.register = wish }
        let body = "proc.shop=\(state.register.map(String.init) ?? "")\n"
        return "HTTP/1.1 200 OK\r\ncontent-length: \(body.utf8.count)\r\n"
            + "content-type: text/plain\r\nconnection: close\r\n\r\n\(body)"
    }

    private static func statistics(_ state: State) -> String {
        let header =
            "# pxname,svname,scur,status,weight,bck,type,hrsp_5xx,req_tot,srv_abrt,rtime,last_chk,\n"
        let rows = state.backends.sorted { $0.key < $1.key }.map { name, servers in
            servers.map {
                "\(name),\($0.name),0,\($0.status),\($0.weight),\($0.isBackup ? 1 : 0),2,0,7,0,3,"
                    + "\"Layer7 check, \"\"fine\"\"\",\n"
            }.joined() + "\(name),BACKEND,2,UP,1,0,1,1,7,0,3,,\n"
        }
        return header + rows.joined() + "\n"
    }
}

extension String {
    /// The text between `start` and the end of its line.
    fileprivate func components(_ start: String) -> Substring? {
        firstRange(of: start).map { self[$0.upperBound...].prefix { !$0.isNewline } }
    }
}

extension KeptDatum {
    fileprivate var color: Color? {
        guard case .color(let color) = sighting else { return nil }
        return color
    }
}
