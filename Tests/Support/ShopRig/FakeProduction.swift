package import Contracts
package import PipelineModel
import Synchronization
package import TestWorld

/// HAProxy and both environments of a shop, in memory: sockets, addresses and programs answer as the
/// map says.
package final class FakeProduction: Sendable {
    package static let socket = "/run/haproxy/admin.sock"
    package static let mapFile = "/etc/haproxy/bluegreen.map"

    package struct Environment: Sendable {
        package var isUp = true
        package var status = 200
        package var identity: String
        package var serversUp = 2
        package var requests = 0
        package var errors = 0
        package var inFlight = 0
        /// So many answers come from somebody else, such as a page of the proxy.
        package var oddAnswers = 0
        /// How long an answer takes.
        package var takes = Duration.milliseconds(2)
        /// So many of ten answers at the public address are bad: a 500, or none at all.
        package var badAnswers = 0
        package var badHang = false
        private var asked = 0

        package init(identity: String) { self.identity = identity }

        /// Whether the next answer at the public address is bad; they are spread evenly.
        mutating func isNextBad() -> Bool {
            asked += 1
            return asked * badAnswers % 10 < badAnswers
        }
    }

    package struct Program: Sendable {
        package var exit: Int32
        package var lines: [String]
        /// One more line, which is too long to come at once.
        package var pieces: [String]
        package var takes: Duration

        package init(
            exit: Int32 = 0, lines: [String] = [], pieces: [String] = [],
            takes: Duration = .milliseconds(1200)
        ) {
            (self.exit, self.lines, self.pieces, self.takes) = (exit, lines, pieces, takes)
        }
    }

    package struct State: Sendable {
        package var value: String? = "blue:green:0:0"
        package var isRouterUp = true
        /// Further routers, by socket: `FakeProduction+Fleet`. Users come through `value`.
        package var fleet: [String: Member] = [:]
        /// Where HAProxy listens now.
        package var socket = FakeProduction.socket
        /// What a write does instead of changing the value.
        package var ignoresWrites = false
        /// HAProxy's configuration sends a request with this header to idle.
        package var testersHeader: String?
        /// So many users come to the live colour each time that somebody counts them, and are served well.
        package var visits = 0
        /// HAProxy's configuration does not have these.
        package var lackingBackends: Set<Color> = []
        /// Its socket may be asked, not told.
        package var isReadOnly = false
        package var environments: [Color: Environment] = [
            .blue: Environment(identity: "blue"), .green: Environment(identity: "green"),
        ]
        /// By the first word of the command.
        package var programs: [String: Program] = [:]
        package var started: [[String]] = []
        package var childEnvironment: [String: String] = [:]
        package var living: Set<Int32> = []
        /// What listens where because it was started in the background.
        package var background: [Int32: Color] = [:]
        /// The embedded proxy, where it runs.
        package var proxy: Int32?
        /// What happens to a proxy that is started in the background.
        package var proxyFate = ProxyFate.serves
        /// What it writes into its log.
        package var proxyWords = ""
        /// Who has a port without being asked for.
        package var strangers: [Int: ProcessName] = [:]
        package var ended: [Int32] = []
        /// Happens once a process was ended.
        package var onEnd: (@Sendable () -> Void)?
        /// Happens once a switch to that colour was written.
        package var onSwitch: [Color: @Sendable (inout State) -> Void] = [:]
        /// The process that asks dies at this question to the router, counted from the next one.
        package var death: (question: Int, isObeyed: Bool)?
        /// It stands still before this question, and something happens meanwhile.
        package var standstill: (question: Int, meanwhile: @Sendable () -> Void)?
        /// The process that stands still.
        package var standing: Int32?
        /// It belongs to another user: nobody else can end it.
        package var isStandingFirm = false
        /// The answer to this write is lost, and it takes effect so many questions later.
        package var delay: (write: Int, questions: Int)?
        package var underWay: (commands: [Substring], questions: Int)?
        /// So often the router was told something since somebody set this to 0.
        package var writes = 0
        /// Whoever is under way may go back where it cannot write that down.
        package var isLenient = false
        /// A deploy has begun to change it, and has not ended well.
        package var half: Set<Color> = []
        /// What must never happen to a router, and did.
        package var outrages: [String] = []
        /// What another process does while the router is asked next.
        package var meanwhile: (@Sendable () async -> Void)?
    }

    private let state = Mutex(State())
    package let files: MemoryFiles
    private let time: Time

    package init(files: MemoryFiles, time: Time) {
        self.files = files
        self.time = time
        persist("blue:green:0:0")
    }

    /// The same traffic, now and after a restart of the proxy.
    package func copy(_ other: FakeProduction) {
        let (value, fleet) = other.state.withLock { ($0.value, $0.fleet) }
        change { ($0.value, $0.fleet) = (value, fleet) }
        for path in [Self.mapFile, Self.registerFile] { files[path] = other.files[path] }
    }

    package func change(_ change: (inout State) -> Void) {
        state.withLock { change(&$0) }
    }

    /// A person answers for what is live, half deployed or not.
    package func acceptLive() {
        change { state in if let live = Self.live(state) { state.half.remove(live) } }
    }

    /// A write whose answer was lost, and that has not taken effect yet.
    package var isWriteUnderWay: Bool { state.withLock { $0.underWay != nil } }

    /// Sets the value that is in effect and in the file.
    package func setValue(_ value: String?) {
        let value = hasRegister ? value.flatMap(Self.number).map(Self.value) : value
        change { $0.value = value }
        persist(value)
    }

    package func persist(_ value: String?, in file: String = mapFile) {
        guard !hasRegister else { return persistRegister(value) }
        files[file] = Array("# shop\n\(value.map { "shop \($0)\n" } ?? "")".utf8)
    }

    package func listener(_ port: Int) -> ProcessName? { state.withLock { $0.strangers[port] } }
    package var value: String? { state.withLock(\.value) }
    /// Of each router.
    package var values: [String] { state.withLock { Self.values($0) } }
    package var started: [[String]] { state.withLock(\.started) }
    package var background: Set<Color> { state.withLock { Set($0.background.values) } }
    package var ended: [Int32] { state.withLock(\.ended) }
    package var childEnvironment: [String: String] { state.withLock(\.childEnvironment) }

    // MARK: - HAProxy

    package func exchange(_ request: StreamRequest) async throws(StreamFailure) -> [UInt8] {
        try requireLife()
        if request.endpoint == Self.proxySocket { return try askProxy(request) }
        let dies = state.withLock { $0.takeDeath() }
        if dies == false { files.die() }
        defer { if dies == true { files.die() } }
        try requireLife()
        state.withLock { $0.takeStandstill() }?()
        try requireLife()
        await state.withLock { $0.meanwhile.take() }?()
        let commands = String(decoding: request.bytes, as: UTF8.self).split {
            $0 == ";" || $0.isNewline
        }
        let wishes = commands.compactMap(Self.wish)
        wishes.forEach(requireAnnouncement)
        if state.withLock({ $0.isLost(commands, isWrite: !wishes.isEmpty) }) {
            await time.sleep(request.timeout)
            throw StreamFailure(mayHaveActed: true, "no answer in time")
        }
        let answer = state.withLock { state -> String? in
            if case .unix(let path) = request.endpoint, state.fleet[path] != nil {
                return Self.answer(of: path, to: commands, &state)
            }
            guard state.isRouterUp else { return nil }
            if request.endpoint == .unix(path: Self.registerSocket) {
                return Self.registerAnswer(to: commands, &state)
            }
            guard request.endpoint == .unix(path: state.socket) else { return nil }
            return commands.map { Self.answer(to: $0, &state) }.joined()
        }
        guard let answer else {
            throw StreamFailure(
                mayHaveActed: false, isNobodyThere: true, "connection refused")
        }
        return Array(answer.utf8)
    }

    /// A process that was killed reaches nobody any more.
    private func requireLife() throws(StreamFailure) {
        guard !files.isDead else { throw StreamFailure(mayHaveActed: true, "the process is gone") }
    }

    package static func answer(to command: Substring, _ state: inout State) -> String {
        let words = command.split(separator: " ").map(String.init)
        switch words.prefix(2).joined(separator: " ") {
        case "get map" where !words[2].hasPrefix("/etc/haproxy/"):
            return "Unknown map identifier. Please use #<id> or <file>.\n\n"
        case "get map":
            guard let value = state.value else {
                return "type=str, case=sensitive, found=no\n\n"
            }
            return "type=str, case=sensitive, found=yes, idx=tree, "
                + "key=\"shop\", value=\"\(value)\", type=\"str\"\n\n"
        case "show map": return "# id (file) description\n\n"
        case "set map" where state.isReadOnly: return "Permission denied\n\n"
        case "set map":
            if !state.ignoresWrites { write(words[4], &state) }
            return "\n"
        default:
            serveShare(&state)
            if let live = live(state) { state.environments[live]?.requests += state.visits }
            return statistics(state)
        }
    }

    package static func write(_ value: String, isLate: Bool = false, _ state: inout State) {
        let before = live(state)
        if !isLate, let old = state.value.flatMap(token), let new = token(value),
            new < old || (new == old && value != state.value)
        {
            state.outrages.append("\(state.value ?? "") was followed by \(value)")
        }
        state.value = value
        if let after = live(state), after != before, state.half.contains(after) {
            state.outrages.append("traffic went to \(after), which is half deployed")
        }
        if let after = live(state), share(value) != nil, state.half.contains(after.other) {
            state.outrages.append("a share went to \(after.other), which is half deployed")
        }
        guard let after = live(state), after != before else { return }
        state.onSwitch[after]?(&state)
    }

    package static func token(_ value: String) -> Int? {
        value.split(separator: ":").last.flatMap { Int($0) }
    }

    /// What idle gets, where it gets something.
    package static func share(_ value: String) -> Int? {
        let fields = value.split(separator: ":")
        return fields.count == 4 ? Int(fields[2]).flatMap { $0 > 0 ? $0 : nil } : nil
    }

    /// Under a share, users come to both colours each time that somebody counts them.
    private static func serveShare(_ state: inout State) {
        guard state.value.flatMap(share) != nil else { return }
        for color in Color.allCases {
            state.environments[color]?.requests += 1
            guard let status = state.environments[color]?.status, status >= 500 else { continue }
            state.environments[color]?.errors += 1
        }
    }

    private static func statistics(_ state: State) -> String {
        let rows = Color.allCases.filter { !state.lackingBackends.contains($0) }.map { color in
            let environment = state.environments[color] ?? Environment(identity: "")
            let servers = (1...2).map { number in
                let status = number <= environment.serversUp ? "UP" : "DOWN"
                return "shop_\(color),s\(number),0,\(status),1,0,2,0,0,0,3,\n"
            }
            return servers.joined()
                + "shop_\(color),BACKEND,\(environment.inFlight),UP,2,0,1,\(environment.errors),"
                + "\(environment.requests),0,3,\n"
        }
        return "# pxname,svname,scur,status,weight,bck,type,hrsp_5xx,req_tot,srv_abrt,rtime,\n"
            + rows.joined() + "\n"
    }

    private static func live(_ state: State) -> Color? {
        state.value.flatMap { Color(rawValue: String($0.prefix { $0 != ":" })) }
    }

    // MARK: - Both environments

    package func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPAnswer {
        let port = request.url.port
        let isPublic = port == "8080"
        let direct: Color? = port == "8081" ? .blue : port == "8082" ? .green : nil
        let (takes, isBad) = state.withLock { state in
            let color = isPublic ? Self.reached(by: request, state) : direct
            guard let color, let asked = state.environments[color], asked.isUp else {
                return (Duration.milliseconds(2), false)
            }
            let isBad = isPublic && state.environments[color]?.isNextBad() == true
            return (isBad && asked.badHang ? .seconds(3600) : asked.takes, isBad)
        }
        await time.sleep(min(takes, request.timeout))
        guard !files.isDead else { throw HTTPFailure(.refused, "the process is gone") }
        guard takes <= request.timeout else {
            throw HTTPFailure(.timedOut, "no answer in \(request.timeout.inSeconds) s")
        }
        let answer = state.withLock { state -> HTTPAnswer? in
            let color = isPublic ? Self.reached(by: request, state) : direct
            guard let color, var environment = state.environments[color], environment.isUp else {
                return nil
            }
            if isPublic, environment.oddAnswers > 0 {
                state.environments[color]?.oddAnswers -= 1
                return HTTPAnswer(status: 200)
            }
            let status = isBad ? 500 : environment.status
            if isPublic {
                environment.requests += 1
                if status >= 500 { environment.errors += 1 }
                state.environments[color] = environment
            }
            return HTTPAnswer(
                status: status, headers: [HTTPField("X-Color", environment.identity)],
                body: Array("{\"db\":\"ok\"}".utf8), elapsed: takes)
        }
        guard let answer else {
            throw HTTPFailure(.refused, "connection refused by \(request.url)")
        }
        return answer
    }

    /// At the public address.
    private static func reached(by request: HTTPRequest, _ state: State) -> Color? {
        let isTester = request.headers.contains { $0.name == state.testersHeader }
        return isTester ? live(state)?.other : live(state)
    }

    // MARK: - Programs

    package func run(_ request: ProcessRequest) async throws(Failure) -> ProcessResult {
        guard !files.isDead else { throw Failure(.commandFailed, "the process is gone") }
        let name = request.arguments.first ?? ""
        let kept = persisted
        let program = state.withLock { state in
            state.started.append(request.arguments)
            state.childEnvironment = request.environment
            if let color = request.starts {
                state.half.insert(color)
                if (Self.values(state) + kept).contains(where: { $0.hasPrefix("\(color)") }) {
                    state.outrages.append("\(color) was deployed to while it was live")
                }
            }
            return state.programs[name] ?? Program()
        }
        await request.spawned(ProcessIdentity(pid: 5000, startTime: 7, bootID: "boot-1"))
        for line in program.lines { request.line(OutputLine(.output, line)) }
        for piece in program.pieces {
            request.line(OutputLine(.output, piece, isContinued: piece != program.pieces.last))
        }
        await time.sleep(program.takes)
        let ending: ProcessResult.Ending =
            Task.isCancelled || files.isDead ? .cancelled : .exited(program.exit)
        if ending == .exited(0), let color = request.starts { change { $0.half.remove(color) } }
        return ProcessResult(
            ending: ending, output: program.lines.joined(separator: "\n"), elapsed: program.takes)
    }

    package func end(_ process: ProcessIdentity) -> Bool {
        defer { state.withLock { $0.onEnd.take() }?() }
        if state.withLock({ $0.standing == process.pid }) {
            guard !state.withLock(\.isStandingFirm) else { return false }
            files.endStanding()
        }
        return state.withLock { state in
            state.ended.append(process.pid)
            if let color = state.background.removeValue(forKey: process.pid) {
                state.environments[color]?.isUp = false
            }
            return state.living.remove(process.pid) != nil
        }
    }

    package func isAlive(_ process: ProcessIdentity) -> Bool {
        state.withLock { $0.living.contains(process.pid) }
    }

    // MARK: - Programs in the background

    /// The program listens on the port of its colour from now on, until it is ended.
    package func start(_ request: BackgroundRequest) throws(Failure) -> ProcessIdentity {
        state.withLock { state in
            state.started.append(request.arguments)
            let pid = Int32(6000 + state.started.count)
            guard request.arguments[1] != "proxy" else {
                return startProxy(pid, request, &state)
            }
            let color = Color(rawValue: request.environment["BLUEGREEN_COLOR"] ?? "") ?? .blue
            state.living.insert(pid)
            state.background[pid] = color
            state.environments[color]?.isUp = true
            return ProcessIdentity(pid: pid, startTime: 7, bootID: "boot-1")
        }
    }

    package func facts(_ process: ProcessIdentity) -> ProcessFacts? {
        guard isAlive(process) else { return nil }
        return ProcessFacts(uptime: .seconds(600), residentMemory: 38 << 20)
    }

    package func kin(_ process: ProcessIdentity?) -> [ProcessIdentity] {
        guard let process, isAlive(process) else { return [] }
        return [process]
    }

    /// The process on that colour dies by itself.
    package func crash(_ color: Color) {
        change { state in
            for (pid, other) in state.background where other == color {
                state.background[pid] = nil
                state.living.remove(pid)
            }
            state.environments[color]?.isUp = false
        }
    }
}

extension ProcessRequest {
    /// The environment that this program changes.
    fileprivate var starts: Color? {
        guard arguments.first == "./start", arguments.count > 1 else { return nil }
        return Color(rawValue: arguments[1])
    }
}

extension String {
    /// Of an address without a user: what stands between the host and the path.
    fileprivate var port: Substring {
        let place = utf8.drop { $0 != UInt8(ascii: "/") }.dropFirst(2)
            .prefix { $0 != UInt8(ascii: "/") }
        return Substring(place.drop { $0 != UInt8(ascii: ":") }.dropFirst())
    }
}
