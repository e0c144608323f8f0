import Contracts
import PipelineModel

/// The datum as one number in a process-wide variable of HAProxy, raised by one request.
///
/// HAProxy itself refuses a number that is not higher (`set-var(proc.X,iflt)`), so a stale writer
/// cannot win. The number is `token * 4 + claim * 2 + colour` (claimed 1, green 1).
struct HAProxyRegister: HAProxyKeeper {
    /// HAProxy's runtime API, for the backends.
    let runtime: HAProxyRuntime
    /// The frontend that raises and shows the variable.
    let control: HAProxyRuntime
    /// Without `proc.`
    let variable: String
    let backends: [String]
    /// `nil` where the file is on another machine.
    let file: PersistedLine?

    let fencing = Fencing.token
    var isDurable: Bool { file != nil }
    let sharesTraffic = false
    var startFile: PersistedLine? { file }

    func look() async throws(Failure) -> HAProxySight {
        async let shown = result { () throws(Failure) in try await read() }
        let bytes = try await runtime.ask("show stat -1 6 -1")
        guard let statistics = HAProxyStatistics(bytes[...], of: backends) else {
            throw runtime.garbled(bytes)
        }
        let text = try await shown.get()
        return HAProxySight(
            kept: Self.kept(text), text: text.isEmpty ? nil : text, statistics: statistics)
    }

    func durable(besides kept: KeptDatum) -> Observation.Durable {
        guard let file else {
            return .unknown("The register's file is where HAProxy is, not on this machine.")
        }
        return file.durable(besides: kept, reading: Self.kept)
    }

    func put(_ datum: Datum, over sight: HAProxySight) async -> WriteResult {
        guard let number = Self.number(of: datum) else { return .notApplied(tooLarge(datum)) }
        let answer: [UInt8]
        do throws(StreamFailure) {
            answer = try await exchange(raisingTo: number, within: HAProxyRuntime.writeLimit)
        } catch {
            let failure = control.unreachable(error)
            return error.mayHaveActed ? .unknown(failure) : .notApplied(failure)
        }
        guard let text = shown(in: answer) else { return .unknown(control.garbled(answer)) }
        if text == "\(number)" {
            return await persist(text, token: datum.token)
        }
        if let held = Self.kept(text).token(before: datum) { return .refusedStale(held) }
        return .notApplied(refused(number, holding: text))
    }

    /// The number of a datum; `nil` where the token is too large.
    static func number(of datum: Datum) -> Int? {
        let bits = (datum.isIdleClaimed ? 2 : 0) + (datum.live == .green ? 1 : 0)
        let (shifted, isTooLarge) = datum.token.number.multipliedReportingOverflow(by: 4)
        return isTooLarge || datum.token.number < 0 ? nil : shifted + bits
    }

    func kept(_ text: String) -> KeptDatum { Self.kept(text) }

    func text(of datum: Datum, over _: String) throws(Failure) -> String {
        guard let number = Self.number(of: datum) else { throw tooLarge(datum) }
        return "\(number)"
    }

    static func kept(_ text: String) -> KeptDatum {
        guard !text.isEmpty else { return .absent }
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text) else {
            return KeptDatum(.foreign(Evidence.line(text)))
        }
        return KeptDatum(
            .color(number & 1 == 1 ? .green : .blue), isIdleClaimed: number & 2 == 2,
            token: Token(number: number / 4))
    }

    /// Where a line of the configuration has the number: `set-var proc.shop int(10500)`.
    static func locate(_ variable: String) -> @Sendable (ArraySlice<UInt8>) -> Range<Int>? {
        { line in
            let words = line.split { $0 == 32 || $0 == 9 || $0 == 13 }
            guard words.count == 3, words[0].elementsEqual("set-var".utf8),
                words[1].elementsEqual("proc.\(variable)".utf8),
                words[2].starts(with: "int(".utf8), words[2].last == UInt8(ascii: ")")
            else { return nil }
            return (words[2].startIndex + 4)..<(words[2].endIndex - 1)
        }
    }

    private func read() async throws(Failure) -> String {
        let answer: [UInt8]
        do throws(StreamFailure) {
            answer = try await exchange(within: HAProxyRuntime.questionLimit)
        } catch {
            throw control.unreachable(error)
        }
        guard let text = shown(in: answer) else { throw control.garbled(answer) }
        return text
    }

    private func persist(_ text: String, token: Token) async -> WriteResult {
        guard let file else {
            return .appliedNotDurable(
                Failure(
                    .routerNotDurable,
                    "The register's file is where HAProxy is, not on this machine.",
                    hint: "Write 'set-var proc.\(variable) int(\(text))' into it there;"
                        + " a reload forgets it else."))
        }
        return await file.persist(text, token: token, reading: Self.kept)
    }

    /// One request: HAProxy raises the variable if `number` is higher, and shows what is in force.
    private func exchange(
        raisingTo number: Int? = nil, within limit: Duration
    ) async throws(StreamFailure) -> [UInt8] {
        let wish = number.map { "x-bluegreen-raise: \($0)\r\n" } ?? ""
        let request = "GET / HTTP/1.1\r\nhost: bluegreen\r\nconnection: close\r\n\(wish)\r\n"
        return try await control.streams.exchange(
            StreamRequest(
                control.endpoint, bytes: Array(request.utf8), timeout: limit, answerLimit: 1 << 16))
    }

    /// The text behind `proc.X=`, empty where the variable is not set; `nil` for any other answer.
    private func shown(in answer: [UInt8]) -> String? {
        guard answer.starts(with: "HTTP/1.1 200 ".utf8),
            let gap = answer.firstRange(of: Array("\r\n\r\n".utf8))
        else { return nil }
        let body = answer[gap.upperBound...]
        let name = "proc.\(variable)="
        guard body.starts(with: name.utf8), body.last == UInt8(ascii: "\n") else { return nil }
        return String(decoding: body.dropFirst(name.utf8.count).dropLast(), as: UTF8.self)
    }

    private func tooLarge(_ datum: Datum) -> Failure {
        Failure(.routerRefused, "The token \(datum.token) does not fit into HAProxy.")
    }

    private func refused(_ number: Int, holding text: String) -> Failure {
        Failure(
            .routerRefused, "HAProxy did not raise proc.\(variable) to \(number).",
            evidence: ["proc.\(variable)=\(Evidence.line(text))"],
            hint: "Compare the control frontend with the one in docs/routers/haproxy.md.")
    }
}

/// Carries a typed failure through `async let`, which forgets its type.
private func result<Value: Sendable>(
    _ body: () async throws(Failure) -> Value
) async -> Result<Value, Failure> {
    do throws(Failure) {
        return .success(try await body())
    } catch {
        return .failure(error)
    }
}
