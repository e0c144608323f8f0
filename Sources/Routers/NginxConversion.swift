import Contracts
import PipelineModel

/// The smallest change that lets one upstream of an existing nginx have a second colour.
///
/// The upstream that is there stays blue, under its name. In each server that passes to it a variable
/// names the upstream, by the slot file, and `proxy_pass` takes the variable.
struct NginxConversion {
    private let wish: ConversionWish
    private let configuration: NginxConfiguration
    private var change: ConfigurationChange

    init(_ text: String, _ wish: ConversionWish) throws(Failure) {
        self.wish = wish
        change = ConfigurationChange(of: text)
        guard let configuration = NginxConfiguration(change.original) else {
            throw Failure(
                .refused, "The braces and semicolons of '\(wish.path)' do not fit together.",
                hint: "'nginx -t' says where.")
        }
        self.configuration = configuration
    }

    mutating func result() throws(Failure) -> Conversion {
        let blue = try chosen()
        let service = try wish.named(blue.words[1])
        let green = "\(blue.words[1])_green"
        let variable = "$\(NginxSnippet.word(service))_pool"
        let servers = try pass(to: blue.words[1], variable)
        let slot = "/var/lib/bluegreen/\(service)"
        for server in servers {
            change.insert(
                Self.choice(variable, blue.words[1], green, slot), behind: server.head)
        }
        change.insert(try copy(of: blue, as: green), behind: blue.end, shown: ShownLine.of)
        let listen = try entrance(servers)
        let address = try address(of: blue)
        let plan = StartingPlan(
            service: service, listen: listen, blue: address,
            green: try wish.greens(of: self.servers(of: blue).map { $0.words[1] })[0])
        let snippet = NginxSnippet(plan: plan)
        return Conversion(
            change: change, plan: plan,
            files: [.init(path: "\(slot)/blue", text: snippet.slotFile)], folders: [slot],
            loading: "let nginx read it, once: nginx -t && nginx -s reload",
            pipeline: snippet.silentPipeline, isCounting: false,
            notes: notes(servers, listen, blue.words[1], green) + neighbours(of: blue))
    }

    /// What a person has to know before.
    private func notes(
        _ servers: [Directive], _ listen: String, _ blue: String, _ green: String
    ) -> [String] {
        var notes: [String] = []
        if !namesHost(servers) {
            notes.append(
                "no proxy_set_header Host: the application gets the upstream's name as Host,"
                    + " '\(blue)' of blue and '\(green)' of green")
        }
        let host = listen.prefix { $0 != ":" }
        if servers.contains(where: { Self.names(of: $0).contains(String(host)) }) {
            notes.append(
                "'readBack' and 'public' ask \(host): nginx picks the server by that name, which"
                    + " must lead to this machine")
        }
        return notes
    }

    /// What leads to blue's servers by another way knows nothing of green.
    private func neighbours(of blue: Directive) -> [String] {
        let name = blue.words[1]
        let upstreams = configuration.all.filter { $0.name == "upstream" && $0.words.count == 2 }
        let taken = Set(upstreams.map { $0.words[1] })
        let addresses = Set(servers(of: blue).map { Self.address($0.words[1]) })
        func isBlue(_ host: Substring) -> Bool {
            !taken.contains(String(host)) && addresses.contains(Self.address(String(host)))
        }
        let others = upstreams.filter { other in
            other.words[1] != name
                && servers(of: other).contains { addresses.contains(Self.address($0.words[1])) }
        }.map { "upstream '\($0.words[1])' has a server of '\(name)'" }
        let passes = configuration.all.compactMap { directive -> String? in
            guard let host = Self.target(of: directive), isBlue(host) else { return nil }
            return "line \(directive.start.line + 1) passes to \(host), a server of '\(name)'"
        }
        let variables = choices.filter {
            isBlue(Self.host($0.value)) || Self.host($0.value) == name
        }
        .map { "line \($0.line + 1) sets \($0.variable) to '\($0.value)'" }
        return (others + passes + variables).map {
            "\($0): what goes there stays on blue after a switch, and breaks once blue is retired"
                + " or gets the next release. Let it 'proxy_pass http://\(name);', and run this again"
        }
    }

    /// Each value that a variable may have.
    private var choices: [(variable: String, value: String, line: Int)] {
        configuration.all.flatMap { directive in
            let words = directive.words
            switch directive.name {
            case "set" where words.count == 3: return [(words[1], words[2], directive.start.line)]
            case "map", "split_clients":
                return directive.children.compactMap { entry in
                    guard let variable = words.last, let value = entry.words.last else {
                        return nil
                    }
                    return (variable, value, entry.start.line)
                }
            default: return []
            }
        }
    }

    private static func address(_ word: String) -> String {
        let word = word.replacing("localhost", with: "127.0.0.1")
        return (NetworkAddress(word) ?? NetworkAddress("\(word):80"))?.description ?? word
    }

    private typealias Directive = NginxConfiguration.Directive

    // MARK: What is there

    private func passes(_ directive: Directive, to name: String) -> Bool {
        directive.name == "proxy_pass" && directive.words.count == 2
            && ["http://\(name)", "http://\(name)/"].contains(directive.words[1])
    }

    /// Whether requests go from here to the upstream, in whatever way: `grpc_pass grpc://app`,
    /// `proxy_pass http://app/v1/`, `fastcgi_pass app`.
    private func mentions(_ directive: Directive, _ name: String) -> Bool {
        Self.target(of: directive).map { $0 == name } ?? false
    }

    private static func target(of directive: Directive) -> Substring? {
        guard directive.name.hasSuffix("_pass"), directive.words.count > 1 else { return nil }
        return host(directive.words[1])
    }

    private static func host(_ target: String) -> Substring {
        let host = target.firstRange(of: "://").map { target[$0.upperBound...] } ?? target[...]
        return host.prefix { $0 != "/" && $0 != "$" && $0 != "?" }
    }

    /// The upstream that becomes blue.
    private func chosen() throws(Failure) -> Directive {
        let passed = configuration.all.filter { $0.name == "proxy_pass" }
        let candidates = configuration.all.filter { upstream in
            upstream.name == "upstream" && upstream.words.count == 2
                && passed.contains { passes($0, to: upstream.words[1]) }
        }
        if let name = wish.backend {
            if let one = candidates.first(where: { $0.words[1] == name }) { return one }
        } else if candidates.count == 1 {
            return candidates[0]
        }
        let names = candidates.map { $0.words[1] }.joined(separator: ", ")
        throw Failure(
            .refused,
            wish.backend.map { "'\(wish.path)' passes nothing to an upstream '\($0)'." }
                ?? (names.isEmpty
                    ? "'\(wish.path)' passes requests to no upstream of its own."
                    : "'\(wish.path)' has several upstreams that could be switched: \(names)."),
            hint: names.isEmpty
                ? "It must be the file that has both: 'upstream app { ... }' and 'proxy_pass http://app;'."
                : "Name one with --backend.")
    }

    private func servers(of upstream: Directive) -> [Directive] {
        upstream.children.filter { $0.name == "server" && $0.words.count > 1 }
    }

    private func address(of upstream: Directive) throws(Failure) -> String {
        guard let word = servers(of: upstream).first?.words[1],
            let address = NetworkAddress(word) ?? NetworkAddress("\(word):80")
        else {
            throw Failure(
                .refused, "The first server of '\(upstream.words[1])' is not given as host:port.",
                hint: "Write it so; a colour needs an address where it is asked directly.")
        }
        return address.description
    }

    /// Where the first of these servers is met: by its address where it is the one that nginx takes for
    /// every name there, else by its own name.
    private func entrance(_ servers: [Directive]) throws(Failure) -> String {
        let doors = servers.flatMap(doors)
        let open = doors.filter { !$0.listen.contains("ssl") } + doors
        for door in open {
            guard let place = Self.place(door.listen) else { continue }
            guard !isStandard(door.server, at: door.listen),
                let name = Self.names(of: door.server).first
            else { return place }
            return name + place[(place.lastIndex(of: ":") ?? place.endIndex)...]
        }
        throw Failure(
            .refused, "No server of the upstream has a 'listen' with a port.",
            hint: "A switch is proven through the door that users take.")
    }

    private typealias Door = (server: Directive, listen: [String])

    private func doors(of server: Directive) -> [Door] {
        let listens = server.children.filter { $0.name == "listen" && $0.words.count > 1 }
        // Without a `listen` it is port 80, says the manual.
        guard !listens.isEmpty else { return [(server, ["listen", "80"])] }
        return listens.map { (server, $0.words) }
    }

    /// `*:80` of `listen 80`; `nil` of a socket.
    private static func place(_ listen: [String]) -> String? {
        let place = listen[1]
        if Int(place) != nil { return "*:\(place)" }
        return NetworkAddress(place) != nil || place.hasPrefix("*:") ? place : nil
    }

    /// Whether nginx takes this server for a name that none has: it is called so, or it is the first
    /// one, as far as this file shows.
    private func isStandard(_ server: Directive, at listen: [String]) -> Bool {
        if listen.contains("default_server") { return true }
        // A file of a site says nothing about the other sites.
        guard configuration.directives.contains(where: { $0.name == "events" }) else {
            return false
        }
        let place = Self.place(listen)
        let rivals = configuration.all.filter { $0.name == "server" && !$0.children.isEmpty }
            .flatMap(doors).filter { Self.place($0.listen) == place }
        guard !rivals.contains(where: { $0.listen.contains("default_server") }) else {
            return false
        }
        return rivals.first?.server.start == server.start
    }

    /// Those that a request can carry: no pattern, and not the one for no name.
    private static func names(of server: Directive) -> [String] {
        server.children.filter { $0.name == "server_name" }.flatMap { $0.words.dropFirst() }
            .filter { $0.contains(".") && $0.allSatisfy(isPlain) && !$0.hasPrefix(".") }
    }

    private static func isPlain(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "-.".contains(character))
    }

    private func namesHost(_ servers: [Directive]) -> Bool {
        (configuration.directives + configuration.directives.flatMap(\.children)
            + servers.flatMap(\.all))
            .contains { $0.words.starts(with: ["proxy_set_header", "Host"]) }
    }

    // MARK: What is added

    /// Each server that passes to `name`; its `proxy_pass` takes the variable from now on.
    private mutating func pass(
        to name: String, _ variable: String
    ) throws(Failure) -> [Directive] {
        let found = configuration.all.filter { server in
            server.name == "server" && server.all.contains { passes($0, to: name) }
        }
        for directive in configuration.all where mentions(directive, name) {
            let place = directive.places[1]
            // With a path, even `/`, a variable would replace the whole address of the request.
            guard passes(directive, to: name), directive.words[1] == "http://\(name)",
                place.lowerBound.line == place.upperBound.line
            else {
                throw Failure(
                    .refused,
                    "Line \(directive.start.line + 1) passes to '\(name)' with a path, or otherwise"
                        + " than by 'proxy_pass http://\(name);'.",
                    hint: "With a variable that means something else, and as it is it would stay on"
                        + " blue. Write it so, or take another upstream for it."
                )
            }
            let isInLine = directive.start.line == place.lowerBound.line
            let start = isInLine ? directive.start : place.lowerBound
            let before = change.excerpt(start..<place.lowerBound).joined()
            change.replace(start..<place.upperBound, by: "\(before)http://\(variable)")
        }
        return found
    }

    private static func choice(
        _ variable: String, _ blue: String, _ green: String, _ slot: String
    ) -> [String] {
        """
            # The one file that decides, looked for at every request. Without it: blue.
            open_file_cache off;
            set \(variable) \(blue);
            if (-f \(slot)/green) { set \(variable) \(green); }
            location = /.bluegreen {
                default_type text/plain;
                set $bluegreen_live blue;
                if (-f \(slot)/green) { set $bluegreen_live green; }
                return 200 "$bluegreen_live\\n";
            }
        """.split(separator: "\n").map(String.init)
    }

    /// The upstream once more, as it is written, with green's name and green's addresses.
    private func copy(of blue: Directive, as green: String) throws(Failure) -> [String] {
        let all = servers(of: blue)
        let addresses = try wish.greens(of: all.map { $0.words[1] })
        let words = zip(all, addresses).map { (place: $0.places[1], text: $1) }
        let margin = TextPlace(line: blue.start.line, column: 0)
        let before = change.excerpt(margin..<blue.start).joined()
        let start = before.allSatisfy(\.isWhitespace) ? margin : blue.start
        return [""]
            + change.excerpt(start..<blue.end, with: [(place: blue.places[1], text: green)] + words)
    }
}
