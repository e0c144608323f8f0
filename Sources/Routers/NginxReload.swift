import Contracts
import PipelineModel

/// Lets nginx read the configuration of a colour by a reload, and believes only what nginx serves then.
///
/// nginx returns before it has done anything, and says nothing where it cannot: a port that somebody
/// else has passes `nginx -t` and the reload.
struct NginxReload: SlotLoader {
    /// Before `-t` and `-s reload`.
    let command: [String]
    let include: String
    /// The file in which the master has its number.
    let pid: String
    let readBack: ReadBack
    let world: World

    private static let commandLimit = Duration.seconds(10)
    private static let limit = Duration.seconds(5)
    private static let pause = Duration.milliseconds(20)
    /// For 100 ms old and new workers take connections, so that these reach both with some certainty.
    private static let confirmations = 10
    /// Requests under way may need longer; nobody waits for those here.
    private static let drainLimit = Duration.seconds(1)
    /// What the test and the order take, and new workers until they serve.
    private static let startingUp = Duration.milliseconds(500)

    let usualDelay = startingUp + pause * confirmations + drainLimit

    func check() async throws(Failure) {
        try await run(
            ["-t"], refusal: "nginx refuses the configuration with the new \(include).",
            hint: "Nothing was reloaded. Mend what nginx says:")
    }

    func tell() async throws(Failure) {
        try await run(
            ["-s", "reload"], refusal: "Nobody knows whether nginx was told to reload.",
            hint: "Try it by hand:")
    }

    func confirm(_ color: Color) async throws(Failure) {
        let end = world.time.now() + Self.limit
        var inRow = 0
        while inRow < Self.confirmations {
            let shown = try await readBack.color()
            inRow = shown == color ? inRow + 1 : 0
            guard shown == color || world.time.now() < end else { throw ignored(color, shown) }
            await world.time.sleep(Self.pause)
        }
        let drainEnd = world.time.now() + Self.drainLimit
        while let count = oldWorkers, count > 0, world.time.now() < drainEnd {
            await world.time.sleep(Self.pause)
        }
    }

    /// Workers that only finish what they have; `nil` where the master cannot be found from here.
    ///
    /// Looks at the children of the one master, however many processes the machine has.
    var oldWorkers: Int? {
        guard let master = numbers(in: pid)?.first,
            let workers = numbers(in: "/proc/\(master)/task/\(master)/children")
        else { return nil }
        return workers.count { worker in
            // Losing the error is right: who has ended meanwhile is not counted.
            let title = try? world.files.read("/proc/\(worker)/cmdline", 1 << 16)
            return title?.starts(with: Self.title) ?? false
        }
    }

    private func numbers(in path: String) -> [Int32]? {
        // Losing the error is right: whatever hides the master, it is not known then.
        guard let bytes = try? world.files.read(path, 1 << 16) else { return nil }
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            .compactMap { Int32($0) }
    }

    private static let title = Array("nginx: worker process is shutting down".utf8)

    private func run(
        _ words: [String], refusal: String, hint: String
    ) async throws(Failure) {
        let names = Host.inheritedNames
        let environment = names.reduce(into: [:]) { $0[$1] = world.host.environment($1) }
        let result = try await world.processes.run(
            ProcessRequest(
                arguments: command + words, environment: environment, timeout: Self.commandLimit))
        guard result.ending != .exited(0) else { return }
        let call = "'\((command + words).joined(separator: " "))'."
        let evidence = Wording.lastLines(result.errors, count: 5).map { Evidence.line($0) }
        guard result.ending != .timedOut else {
            throw Failure(
                .routerRefused,
                "nginx with '\(words.joined(separator: " "))' did not end within"
                    + " \(Wording.length(Self.commandLimit)) and was stopped.",
                evidence: evidence, hint: "Try it by hand: \(call)")
        }
        throw Failure(.routerRefused, refusal, evidence: evidence, hint: "\(hint) \(call)")
    }

    private func ignored(_ color: Color, _ shown: Color) -> Failure {
        Failure(
            .routerRefused,
            "nginx was told to reload, and still serves \(shown) instead of \(color).",
            evidence: ["\(readBack): \(shown)"],
            hint: "Its error log says why: a port that is taken passes 'nginx -t' and the reload.")
    }
}
