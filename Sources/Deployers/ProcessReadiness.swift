import Contracts
import PipelineModel

/// Waits until a process that was just started answers.
struct ProcessReadiness {
    private static let pause = Duration.milliseconds(50)
    private static let logLimit = 64 << 10

    let process: ProcessStart
    /// The program, as messages call it.
    let name: String
    /// What to ask; `nil`: any answer will do.
    let path: String?
    let log: String
    let world: World

    /// - Throws: at once where the process ends; where the time is up or the task is cancelled.
    func wait(_ context: StepContext, until deadline: Duration) async throws(Failure) {
        var last: String?
        while true {
            let answer = await ask(context, until: deadline)
            guard !Task.isCancelled else {
                throw Failure(.interrupted, "`\(name)` was stopped before it was ready.")
            }
            guard world.processes.isAlive(process.identity) else { throw ended }
            guard let trouble = answer else { return }
            // A last question that had hardly any time says less than the one before it.
            guard world.time.now() < deadline else { throw late(last ?? trouble, context) }
            last = trouble
            await world.time.sleep(Self.pause)
        }
    }

    /// What is wrong with the answer; `nil` where it is good.
    private func ask(_ context: StepContext, until deadline: Duration) async -> String? {
        let url = context.url + (path ?? "/")
        let left = deadline - world.time.now()
        let request = HTTPRequest(
            "GET", url, timeout: max(.milliseconds(1), min(context.requestTimeout, left)),
            isOnFreshConnection: true)
        do throws(HTTPFailure) {
            let answer = try await world.http.send(request)
            guard path != nil, !(200...299).contains(answer.status) else { return nil }
            return "GET \(url): status \(answer.status)"
        } catch {
            guard path == nil, error.isAnswer else { return "GET \(url): \(error.message)" }
            return nil
        }
    }

    private var ended: Failure {
        Failure(
            .commandFailed, "`\(name)` ended before it was ready.", evidence: lastLines,
            hint: "Everything it printed is in \(log). It must stay in the foreground.")
    }

    private func late(_ trouble: String, _ context: StepContext) -> Failure {
        Failure(
            .commandTimedOut,
            "`\(name)` was not ready within \(Wording.length(context.timeout)) and was stopped.",
            evidence: [trouble] + lastLines, hint: "Everything it printed is in \(log).")
    }

    /// Of what this process printed, not the ones before it.
    private var lastLines: [String] {
        // Without its log there is nothing to show.
        guard let size = (try? world.files.status(log))?.size, size > process.logStart,
            var bytes = try? world.files.readEnd(
                log, min(size - process.logStart, Self.logLimit))
        else { return [] }
        // The first line may have lost its beginning, and with it half a secret.
        if size - process.logStart > Self.logLimit {
            bytes = Array(bytes.drop { $0 != UInt8(ascii: "\n") })
        }
        return Wording.lastLines(String(decoding: bytes, as: UTF8.self))
    }
}

extension HTTPFailure {
    /// Somebody is there, even if this is not how to talk to them.
    fileprivate var isAnswer: Bool {
        switch reason {
        case .tls, .garbled, .tooLarge: true
        case .badURL, .unresolved, .refused, .timedOut, .reset, .cancelled, .other: false
        }
    }
}
