package import Contracts
import PipelineModel

/// The smallest change that lets one backend of an existing HAProxy have a second colour.
///
/// The backend that is there stays blue, under its name. Before each rule that leads to it comes one that
/// leads to green while the map says so; green is a copy with another address. `use_backend` rules are
/// tried in their order and before `default_backend` (manual, 4.2).
struct HAProxyConversion {
    private let wish: ConversionWish
    private let configuration: HAProxyConfiguration
    private let map: String
    private var change: ConfigurationChange

    init(_ text: String, _ wish: ConversionWish) {
        self.wish = wish
        change = ConfigurationChange(of: text)
        configuration = HAProxyConfiguration(change.original)
        map = wish.folder(standard: "/etc/haproxy") + "/bluegreen.map"
    }

    mutating func result() throws(Failure) -> Conversion {
        let blue = try chosen()
        let service = try wish.named(blue.name)
        guard !change.original.contains(where: { $0.contains("str(\(service)),map(\(map)") }) else {
            throw Failure(
                .refused, "'\(wish.path)' looks '\(service)' up in \(map) already.",
                hint:
                    "'bluegreen init --router haproxy' in an empty folder writes a pipeline for it."
            )
        }
        let rules = rules(to: blue.name)
        let entrance = try entrance(rules.map(\.section), blue)
        let address = try address(of: blue)
        let sibling = sibling(of: blue)
        let green = sibling?.name ?? "\(blue.name)_green"
        let servers = blue.lines("server").compactMap { $0.word(2) }
        let copied = sibling == nil ? try wish.greens(of: servers) : []
        let socket = prepareSocket()
        for (section, line) in rules {
            try lead(line, of: section, to: green, service)
        }
        if blue.kind == "listen" { lead(listen: blue, to: green, service) }
        if sibling == nil {
            change.insert(
                copy(of: blue, as: green, at: copied), before: blue.end, shown: ShownLine.of)
        }
        let greenAddress = try sibling.map { (other) throws(Failure) in
            try self.address(of: other)
        }
        let plan = StartingPlan(
            service: service, listen: entrance, blue: address, green: greenAddress ?? copied[0])
        return Conversion(
            change: change, plan: plan,
            files: [.init(path: map, text: HAProxySnippet(plan: plan, map: map).mapFile)],
            loading: "let HAProxy read it, once: haproxy -c -f \(wish.path)"
                + " && systemctl reload haproxy",
            pipeline: HAProxySnippet(plan: plan, socket: socket, map: map).pipeline
                + "    backends: {blue: \(blue.name), green: \(green)}\n",
            isGreenNew: sibling == nil,
            notes: notes(blue) + neighbours(of: blue))
    }

    // MARK: What is there

    private typealias Section = HAProxyConfiguration.Section
    private typealias Line = HAProxyConfiguration.Line

    private var doors: [Section] {
        configuration.sections.filter {
            ($0.kind == "frontend" || $0.kind == "listen") && configuration.mode(of: $0) == "http"
        }
    }

    private func rules(to name: String) -> [(section: Section, line: Line)] {
        doors.flatMap { section in
            section.lines.filter {
                ["use_backend", "default_backend"].contains($0.keyword) && $0.word(1) == name
            }.map { (section, $0) }
        }
    }

    /// The backend that becomes blue.
    private func chosen() throws(Failure) -> Section {
        let candidates = configuration.sections.filter { section in
            guard !section.lines("server").isEmpty, configuration.mode(of: section) == "http" else {
                return false
            }
            if section.kind == "listen" { return !section.lines("bind").isEmpty }
            return section.kind == "backend" && !rules(to: section.name).isEmpty
        }
        if let name = wish.backend {
            guard let section = candidates.first(where: { $0.name == name }) else {
                throw unclear("has no backend '\(name)' that an http frontend leads to", candidates)
            }
            return section
        }
        let blues = candidates.filter { $0.name.hasSuffix("blue") }
        if candidates.count == 1 { return candidates[0] }
        if blues.count == 1, candidates.count == 2, sibling(of: blues[0]) != nil { return blues[0] }
        throw unclear(
            candidates.isEmpty
                ? "has no backend with servers that an http frontend leads to"
                : "has several backends that could be switched", candidates)
    }

    private func unclear(_ what: String, _ candidates: [Section]) -> Failure {
        let names = candidates.map(\.name).joined(separator: ", ")
        return Failure(
            .refused, "'\(wish.path)' \(what)\(names.isEmpty ? "" : ": \(names)").",
            hint: names.isEmpty
                ? "Its frontends must have 'mode http': the value that decides is read for each request."
                : "Name one with --backend.")
    }

    /// `app_green` beside `app_blue`.
    private func sibling(of blue: Section) -> Section? {
        guard blue.kind == "backend", blue.name.hasSuffix("blue") else { return nil }
        return configuration.section("backend", blue.name.dropLast(4) + "green")
    }

    private func address(of section: Section) throws(Failure) -> String {
        guard let server = section.lines("server").first,
            let address = server.word(2).flatMap({ NetworkAddress($0) })
        else {
            throw Failure(
                .refused, "The first server of '\(section.name)' is not given as host:port.",
                hint: "Write it so; a colour needs an address where it is asked directly.")
        }
        return address.description
    }

    /// Where the first of the doors listens; one without TLS comes first.
    private func entrance(_ sections: [Section], _ blue: Section) throws(Failure) -> String {
        let binds = (sections + [blue]).flatMap { $0.lines("bind") }
        let open =
            binds.filter { !$0.raw.contains("ssl") } + binds.filter { $0.raw.contains("ssl") }
        for bind in open {
            var place = bind.word(1) ?? ""
            if place.hasPrefix(":") { place = "*" + place }
            if place.split(separator: ":").count == 2 { return place }
        }
        throw Failure(
            .refused, "No frontend of '\(blue.name)' has a 'bind' with host:port.",
            hint: "A switch is proven through the door that users take.")
    }

    private func notes(_ blue: Section) -> [String] {
        let shared = change.original.contains { $0.contains("map(\(map)") }
        let unread = doors.flatMap { $0.lines("use_backend") }.filter {
            $0.word(1)?.contains("%[") == true
        }
        return
            (shared
            ? ["\(map) is there already: add the line to it instead of installing a new one"] : [])
            + unread.map {
                "line \($0.index + 1) chooses a backend by a rule that was not read: what it sends to"
                    + " '\(blue.name)' stays on blue"
            }
    }

    /// What sends to blue's servers by another name knows nothing of green.
    private func neighbours(of blue: Section) -> [String] {
        let servers = Set(blue.lines("server").compactMap { $0.word(2) })
        return configuration.sections.filter { other in
            ["backend", "listen"].contains(other.kind) && other.name != blue.name
                && other.lines("server").contains { servers.contains($0.word(2) ?? "") }
        }.map {
            "'\($0.name)' sends to servers of '\(blue.name)' too, and stays on blue after a switch:"
                + " let its rules lead to '\(blue.name)', or it breaks once blue is retired or"
                + " gets the next release"
        }
    }

    // MARK: What is added

    /// The path of a socket that may change maps; one of ours where there is none.
    private mutating func prepareSocket() -> String {
        let global = configuration.sections.first { $0.kind == "global" }
        let sockets = global?.lines("stats").filter { $0.word(1) == "socket" } ?? []
        let own = sockets.first { line in
            line.word(2)?.hasPrefix("/") == true
                && zip(line.raw, line.raw.dropFirst()).contains { $0 == ("level", "admin") }
        }
        var lines: [String] = []
        if own == nil {
            lines.append("    stats socket /run/haproxy/bluegreen.sock mode 600 level admin")
        }
        if global?.lines("stats").contains(where: { $0.word(1) == "maxconn" }) != true {
            lines.append("    # Ten commands that hang would lock every later one out.")
            lines.append("    stats maxconn 100")
        }
        if let global {
            if !lines.isEmpty { change.insert(lines, before: global.end) }
        } else {
            change.insert(["global"] + lines + [""], before: 0)
        }
        return own?.word(2) ?? "/run/haproxy/bluegreen.sock"
    }

    private func isGreen(_ service: String) -> String {
        "{ str(\(service)),map(\(map),blue:green:0:0),field(1,:) -m str green }"
    }

    private mutating func lead(
        _ line: Line, of section: Section, to green: String, _ service: String
    ) throws(Failure) {
        let indent = String(change.original[line.index].prefix { $0.isWhitespace })
        let rule = "\(indent)use_backend \(green) if"
        guard line.keyword == "use_backend", line.raw.count > 2 else {
            // The last resort comes after every other rule, wherever it stands.
            let last = section.lines("use_backend").last?.index ?? -1
            let place = line.keyword == "use_backend" ? line.index : max(line.index, last + 1)
            return change.insert(["\(rule) \(isGreen(service))"], before: place)
        }
        guard line.raw[2] == "if" else {
            throw Failure(
                .refused,
                "Line \(line.index + 1) leads to '\(line.word(1) ?? "")' by '\(line.raw[2])'.",
                hint: "Write the rule with 'if', then run this again.")
        }
        let terms = line.raw.dropFirst(3).split { $0 == "||" || $0 == "or" }
        let last = isGreen(service)
        for term in terms {
            let condition = "\(rule) \(term.joined(separator: " "))"
            change.insert(["\(condition) \(last)"], before: line.index) { _ in
                "\(ShownLine.of(condition)) \(last)"
            }
        }
    }

    /// A `listen` section answers with its own servers where no rule leads elsewhere.
    private mutating func lead(listen: Section, to green: String, _ service: String) {
        let last = listen.lines("use_backend").last?.index
        let place = last.map { $0 + 1 } ?? listen.lines("server").first?.index ?? listen.end
        change.insert(["    use_backend \(green) if \(isGreen(service))"], before: place)
    }

    /// What a backend may say of what a `listen` says.
    private static let ofBackends: Set = [
        "balance", "cookie", "default-server", "hash-type", "http-check", "http-reuse", "mode",
        "option", "retries", "retry-on", "server", "timeout",
    ]

    /// The backend once more, with green's address in its servers.
    private func copy(
        of blue: Section, as green: String, at addresses: [String]
    ) -> [String] {
        var addresses = addresses[...]
        let lines = blue.lines.compactMap { line -> String? in
            let text = change.original[line.index]
            guard
                blue.kind == "backend"
                    ? line.keyword != "id" : Self.ofBackends.contains(line.keyword)
            else { return nil }
            guard line.keyword == "server", line.raw.count > 2 else { return text }
            var words = line.raw
            words[2] = addresses.popFirst() ?? words[2]
            return text.prefix { $0.isWhitespace } + words.joined(separator: " ")
        }
        let inherited = blue.header.raw.firstIndex(of: "from").map {
            " " + blue.header.raw[$0...].joined(separator: " ")
        }
        return ["", "backend \(green)\(inherited ?? "")"] + lines
    }
}

extension HAProxyRouter: ConvertibleRouter {
    package static func conversion(
        of configuration: String, _ wish: ConversionWish
    ) throws(Failure) -> Conversion {
        var conversion = HAProxyConversion(configuration, wish)
        return try conversion.result()
    }

    package static func judging(_ path: String) -> [String] { ["haproxy", "-c", "-f", path] }
}
