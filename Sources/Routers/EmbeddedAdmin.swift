package import Contracts

/// The admin socket of an embedded proxy: one line, one answer.
package struct EmbeddedAdmin: Sendable {
    static let writeLimit = Duration.seconds(2)
    private static let questionLimit = Duration.milliseconds(500)
    private static let answerLimit = 64 << 10

    package let path: String
    /// Where the proxy takes requests.
    private let listen: NetworkAddress
    private let streams: Streams
    private let listener: @Sendable (_ host: String?, _ port: Int) -> ProcessName?

    package init(path: String, listen: NetworkAddress, world: World) {
        self.path = path
        self.listen = listen
        streams = world.streams
        listener = world.processes.listener
    }

    /// Who answers there.
    package struct Greeting: Hashable, Sendable {
        package let process: ProcessIdentity
        package let listen: String
    }

    /// `nil` where nobody listens; a socket that is open but silent is a failure.
    package func greeting() async throws(Failure) -> Greeting? {
        let answer: [UInt8]
        do throws(StreamFailure) {
            answer = try await send("ping", within: Self.questionLimit)
        } catch {
            guard error.mayHaveActed else { return nil }
            throw unreachable(error)
        }
        guard let members = Self.members(answer),
            case .integer(let pid)? = members["pid"], let pid = Int32(exactly: pid),
            case .integer(let start)? = members["startTime"],
            let start = UInt64(exactly: start), case .text(let boot)? = members["bootID"],
            case .text(let listen)? = members["listen"]
        else { throw garbled(answer) }
        let process = ProcessIdentity(pid: pid, startTime: start, bootID: boot)
        return Greeting(process: process, listen: listen)
    }

    /// The members of the JSON object that answers `question`.
    func ask(_ question: String) async throws(Failure) -> [String: JSON] {
        let answer: [UInt8]
        do throws(StreamFailure) {
            answer = try await send(question, within: Self.questionLimit)
        } catch {
            throw unreachable(error)
        }
        guard let members = Self.members(answer) else { throw garbled(answer) }
        return members
    }

    private static func members(_ answer: [UInt8]) -> [String: JSON]? {
        // Whatever is no JSON object is one and the same to us: not an answer.
        guard case .object(let members)? = try? JSON(parsing: answer) else { return nil }
        return members
    }

    func send(_ line: String, within limit: Duration) async throws(StreamFailure) -> [UInt8] {
        try await streams.exchange(
            StreamRequest(
                .unix(path: path), bytes: Array("\(line)\n".utf8), timeout: limit,
                answerLimit: Self.answerLimit))
    }

    func unreachable(_ failure: StreamFailure) -> Failure {
        let line = Evidence.line(failure.message)
        guard !failure.mayHaveActed else {
            return Failure(
                .routerUnreachable, "The proxy did not answer at \(path).", evidence: [line],
                hint: "Look into its log.")
        }
        if let taken = portTaken(evidence: [line]) { return taken }
        return Failure(
            .routerUnreachable, "The proxy is not running: nobody answers at \(path).",
            evidence: [line], hint: "Start it with 'bluegreen proxy --detach'.")
    }

    /// Why a proxy that is not running cannot be started either, where somebody else has its port; a
    /// proxy whose folder was deleted, for one, carries traffic and hears nobody.
    ///
    /// `started` is a proxy of our own that has come no further.
    package func portTaken(evidence: [String], besides started: Int32? = nil) -> Failure? {
        guard let holder = listener(listen.host, listen.port), holder.pid != started else {
            return nil
        }
        let name = "pid \(holder.pid) (\(holder.program))"
        let isProxy = holder.program == "bluegreen"
        return Failure(
            .routerUnreachable,
            "Nobody answers at \(path), and \(name) has port \(listen.port).",
            evidence: evidence,
            hint: isProxy
                ? "If that is another pipeline's proxy, give this one another port"
                    + " ('router.embedded.listen' and 'public.url'). If its folder was deleted, end"
                    + " it (traffic stops): 'kill \(holder.pid)'; then 'bluegreen proxy --detach',"
                    + " and choose again what is live: 'bluegreen rollback --to COLOR'."
                : "End that program, or give 'router.embedded.listen' another port; then"
                    + " 'bluegreen proxy --detach'.")
    }

    func garbled(_ answer: [UInt8]) -> Failure {
        Failure(
            .routerGarbled, "The answer from \(path) is not one that the proxy gives.",
            evidence: [Evidence.line(answer)],
            hint: "Check that \(path) is the admin socket of 'bluegreen proxy'.")
    }
}
