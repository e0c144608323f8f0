import Contracts

/// The runtime API of one HAProxy process: one exchange per question, answers read strictly.
struct HAProxyRuntime: Sendable {
    static let questionLimit = Duration.milliseconds(500)
    static let writeLimit = Duration.seconds(2)

    let endpoint: StreamRequest.Endpoint
    let streams: Streams

    /// The answers to all `commands`, one after the other. On HAProxy 2.6 a `show stat` must be the
    /// last one: what follows it in the same line stays unanswered.
    func ask(_ commands: String...) async throws(Failure) -> [UInt8] {
        do throws(StreamFailure) {
            return try await send(commands, within: Self.questionLimit)
        } catch {
            throw unreachable(error)
        }
    }

    func send(
        _ commands: [String], within limit: Duration
    ) async throws(StreamFailure) -> [UInt8] {
        let line = commands.joined(separator: ";") + "\n"
        return try await streams.exchange(
            StreamRequest(endpoint, bytes: Array(line.utf8), timeout: limit))
    }

    func unreachable(_ failure: StreamFailure) -> Failure {
        Failure(
            .routerUnreachable, "HAProxy did not answer at \(endpoint).",
            evidence: [Evidence.line(failure.message)],
            hint: "Check that HAProxy runs and that this user may use \(endpoint).")
    }

    func garbled(_ answer: some Collection<UInt8>) -> Failure {
        Failure(
            .routerGarbled, "The answer from \(endpoint) is not one that HAProxy gives.",
            evidence: [Evidence.line(answer)],
            hint: "Check that \(endpoint) is the socket of HAProxy's runtime API.")
    }
}

/// The parts of an answer of the runtime API.
struct HAProxyAnswer {
    /// Up to the first empty line, without it.
    let first: ArraySlice<UInt8>
    let rest: ArraySlice<UInt8>

    /// `nil` where there is no empty line: the first answer was cut.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard let gap = bytes.firstPlace(of: "\n\n") else { return nil }
        first = bytes[..<gap.lowerBound]
        rest = bytes[gap.upperBound...]
    }
}

/// What `get map` says about one key.
enum HAProxyLookup: Hashable {
    case value(String)
    case keyMissing
    /// HAProxy's own words, in place of a value.
    case refused(String)

    /// `nil` where HAProxy uses the map in several ways and they do not agree on the value.
    init?(_ answer: ArraySlice<UInt8>, key: String) {
        let lines = answer.split(separator: UInt8(ascii: "\n"))
        guard !lines.isEmpty, lines.allSatisfy({ $0.starts(with: "type=".utf8) }) else {
            self = .refused(Evidence.line(answer))
            return
        }
        let values = Set(lines.compactMap { Self.value(in: $0, key: key) })
        guard values.count <= 1 else { return nil }
        self = values.first.map(Self.value) ?? .keyMissing
    }

    /// `type=str, case=sensitive, found=yes, idx=tree, key="shop", value="blue", type="str"`
    private static func value(in line: ArraySlice<UInt8>, key: String) -> String? {
        guard let start = line.firstPlace(of: ", found=yes, idx="),
            let name = line[start.upperBound...].firstPlace(of: ", key=\"\(key)\", value=\""),
            let end = line.places(of: "\", type=\"").last, name.upperBound <= end.lowerBound
        else { return nil }
        return String(decoding: line[name.upperBound..<end.lowerBound], as: UTF8.self)
    }
}

/// What `show proc` of the master process says.
enum HAProxyProcesses {
    /// Workers of earlier configurations that still serve somebody; `nil` where this is no such table.
    static func oldWorkers(in answer: [UInt8]) -> Int? {
        let lines = String(decoding: answer, as: UTF8.self).split(separator: "\n")
        guard let header = lines.first, header.hasPrefix("#<PID>"), answer.suffix(2) == [10, 10]
        else { return nil }
        guard let start = lines.firstIndex(of: "# old workers") else { return 0 }
        return lines[(start + 1)...].prefix { !$0.hasPrefix("#") }.count
    }
}
