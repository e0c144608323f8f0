import FoundationEssentials
import TrafficRig

/// What a ground has to know of a router: what it holds, and how that is set back.
protocol FaultRouter: Sendable {
    /// Everything it holds, in its memory and on disk.
    func held() throws -> [String: String]
    func hold(_ state: [String: String]) throws
    /// Only what it would begin with.
    func holdFile(_ state: [String: String]) throws
    /// Returns when it has done what it was told, also by somebody who is dead.
    func settle() async throws
    /// A part of the path of each of its files.
    var files: String { get }
    /// The colours that its members name now.
    func names() throws -> [String]
    /// The colour that it names now, and the one that it would after a restart.
    func colors() throws -> (now: String, later: String)
}

extension FaultRouter {
    /// Most do it before they answer.
    func settle() async throws {}

    func names() throws -> [String] { [try colors().now] }
}

/// The kinds of router that the suite is played on.
enum FaultRouterKind: String, CaseIterable, CustomStringConvertible {
    /// HAProxy with a map: class S.
    case map
    /// HAProxy with a variable that compares tokens: class T.
    case register
    /// nginx with a slot file, over which the writers have a lock: class S.
    case nginx
    /// nginx that reads a link when it is reloaded: class A.
    case reload
    /// Caddy with a slot file: class S.
    case caddy
    /// nginx behind a tool of somebody's own, of which nothing is promised: class A.
    case exec

    /// What is installed of them.
    static let wanted = allCases.filter { kind in
        switch kind {
        case .map, .register: true
        case .nginx, .reload, .exec: ProxyKind.nginx.isWanted
        case .caddy: ProxyKind.caddy.isWanted
        }
    }

    var description: String { rawValue }
}

struct MapOfHAProxy: FaultRouter {
    let haproxy: HAProxyRig

    var files: String { HAProxyRig.mapName }

    func held() throws -> [String: String] {
        ["memory": try memory(), "file": try haproxy.folder.read(HAProxyRig.mapName)]
    }

    func holdFile(_ state: [String: String]) throws {
        try haproxy.folder.write(state["file", default: ""], to: HAProxyRig.mapName)
    }

    func hold(_ state: [String: String]) throws {
        try holdFile(state)
        let key = "\(haproxy.mapFile) \(HAProxyConfiguration.key)"
        let answer = try haproxy.runtime("set map \(key) \(state["memory", default: ""])")
        guard answer.trimming.isEmpty else { throw RigFailure(answer) }
    }

    func colors() throws -> (now: String, later: String) {
        let line = try haproxy.folder.read(HAProxyRig.mapName).split(separator: "\n").first
        let value = line?.split(separator: " ").last ?? ""
        return (Self.color(try memory()), Self.color(String(value)))
    }

    private func memory() throws -> String {
        let answer = try haproxy.runtime(
            "get map \(haproxy.mapFile) \(HAProxyConfiguration.key)")
        let parts = answer.split(separator: "\"", omittingEmptySubsequences: false)
        guard let index = parts.firstIndex(where: { $0.hasSuffix("value=") }) else {
            throw RigFailure("a strange map: \(answer)")
        }
        return String(parts[index + 1])
    }

    private static func color(_ value: String) -> String { String(value.prefix { $0 != ":" }) }
}

struct RegisterOfHAProxy: FaultRouter {
    let haproxy: HAProxyRig

    var files: String { HAProxyRig.registerName }

    func held() throws -> [String: String] {
        ["memory": "\(try memory())", "file": try haproxy.folder.read(HAProxyRig.registerName)]
    }

    func holdFile(_ state: [String: String]) throws {
        try haproxy.folder.write(state["file", default: ""], to: HAProxyRig.registerName)
    }

    func hold(_ state: [String: String]) throws {
        try holdFile(state)
        let variable = "proc.\(HAProxyConfiguration.variable)"
        // Downwards, which no request of the control frontend can.
        let command = "set var \(variable) int(\(state["memory", default: "0"]))"
        try haproxy.runtime("experimental-mode on; \(command)")
        guard "\(try memory())" == state["memory"] else { throw RigFailure("cannot \(command)") }
    }

    func colors() throws -> (now: String, later: String) {
        let file = try haproxy.folder.read(HAProxyRig.registerName)
        return (Self.color(try memory()), Self.color(try Self.number(after: "int(", in: file)))
    }

    private func memory() throws -> Int {
        let answer = try UnixSocket.ask(haproxy.controlSocket, "GET / HTTP/1.0\r\n\r\n")
        return try Self.number(after: "proc.\(HAProxyConfiguration.variable)=", in: answer)
    }

    private static func number(after word: String, in text: String) throws -> Int {
        let digits = text.firstRange(of: word).map { text[$0.upperBound...] }?
            .prefix { $0.isNumber }
        guard let number = digits.flatMap({ Int($0) }) else {
            throw RigFailure("no number in \(text)")
        }
        return number
    }

    private static func color(_ number: Int) -> String { number & 1 == 1 ? "green" : "blue" }
}

struct SlotOfProxy: FaultRouter {
    let proxy: ProxyRig

    var files: String { "/slot/" }

    func held() throws -> [String: String] {
        var state: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: proxy.slot) {
            state[name] = try proxy.folder.read("slot/\(name)")
        }
        return state
    }

    func holdFile(_ state: [String: String]) throws { try hold(state) }

    func hold(_ state: [String: String]) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: proxy.slot)
        where state[name] == nil {
            try FileManager.default.removeItem(atPath: "\(proxy.slot)/\(name)")
        }
        for (name, text) in state { try proxy.folder.write(text, to: "slot/\(name)") }
    }

    func colors() throws -> (now: String, later: String) {
        let names = try proxy.slotFiles()
        guard names.count == 1 else { throw RigFailure("slot files: \(names)") }
        return (names[0], names[0])
    }
}

/// Several routers; where they do not agree, the colour is "split".
struct FleetOfHAProxy: FaultRouter {
    let members: [any FaultRouter]

    var files: String { members[0].files }

    func held() throws -> [String: String] {
        var all: [String: String] = [:]
        for (index, member) in members.enumerated() {
            for (key, value) in try member.held() { all["\(index) \(key)"] = value }
        }
        return all
    }

    func hold(_ state: [String: String]) throws {
        for (index, member) in members.enumerated() { try member.hold(part(index, of: state)) }
    }

    func holdFile(_ state: [String: String]) throws {
        for (index, member) in members.enumerated() { try member.holdFile(part(index, of: state)) }
    }

    private func part(_ index: Int, of state: [String: String]) -> [String: String] {
        var part: [String: String] = [:]
        for (key, value) in state where key.hasPrefix("\(index) ") {
            part[String(key.dropFirst("\(index) ".count))] = value
        }
        return part
    }

    func names() throws -> [String] { try members.map { try $0.colors().now } }

    func colors() throws -> (now: String, later: String) {
        let colors = try members.map { try $0.colors() }
        return (Self.agreed(colors.map(\.now)), Self.agreed(colors.map(\.later)))
    }

    private static func agreed(_ colors: [String]) -> String {
        Set(colors).count == 1 ? colors[0] : "split"
    }
}
