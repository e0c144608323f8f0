import Contracts
import Routers
import RunEngine

/// Starts this program once more, as a proxy that goes on in the background.
struct ProxyStart {
    static let patience = Duration.seconds(10)
    private static let pause = Duration.milliseconds(20)
    private static let longestLog = 16 << 20

    let place: ProxyPlace
    let admin: EmbeddedAdmin
    let session: Session

    private var world: World { session.world }

    /// Returns when the proxy serves; where it does not come to that, none is left running.
    func perform(_ words: [String]) async throws(Failure) -> EmbeddedAdmin.Greeting {
        do throws(FileFailure) {
            try world.files.createPrivateFolder(place.folder)
        } catch {
            throw Failure(.proxyNotStarted, "The proxy has no folder: \(error.message).")
        }
        let logStart = logSize
        let process = try await world.processes.start(
            BackgroundRequest(
                arguments: [session.proxy.program, "proxy"] + words,
                environment: place.environment, log: place.log))
        do throws(Failure) {
            return try await wait(for: process, logStart)
        } catch {
            _ = await world.processes.end(process, .seconds(1))
            throw error
        }
    }

    private func wait(
        for process: ProcessIdentity, _ logStart: Int
    ) async throws(Failure) -> EmbeddedAdmin.Greeting {
        let deadline = world.time.now() + Self.patience
        while world.time.now() < deadline, session.stop.interruption == nil {
            // Half an answer is one of a proxy that ends in this moment: its log says why.
            if let greeting = try? await admin.greeting(), greeting.process == process {
                return greeting
            }
            guard world.processes.isAlive(process) else {
                throw failure("has ended at once", process, logStart)
            }
            await world.time.sleep(Self.pause)
        }
        throw failure(
            "did not answer within \(Wording.length(Self.patience))", process, logStart)
    }

    private var logSize: Int {
        // A log that cannot be looked at is reported by the process that is to write it.
        (try? world.files.status(place.log))?.size ?? 0
    }

    /// An earlier proxy may have written into the same log.
    private func failure(
        _ what: String, _ process: ProcessIdentity, _ logStart: Int
    ) -> Failure {
        // A log that cannot be read has nothing to show.
        let log = (try? world.files.read(place.log, Self.longestLog)) ?? []
        let lines = Wording.lastLines(
            String(decoding: log.dropFirst(logStart), as: UTF8.self), count: 8)
        let (cause, evidence, next) = Self.cause(lines)
        let taken = admin.portTaken(evidence: evidence, besides: process.pid)
        if let taken { return taken }
        return Failure(
            .proxyNotStarted, "The proxy \(what)\(cause.map { ": \($0)" } ?? ".")",
            evidence: evidence,
            hint: (next.map { $0 + " " } ?? "")
                + "See \(place.log), or run 'bluegreen proxy' in the foreground.")
    }

    /// A proxy that fails says the four things of a failure into its log; where production is, is ours
    /// to say.
    private static func cause(
        _ lines: [String]
    ) -> (cause: String?, evidence: [String], next: String?) {
        let (label, hint) = ("error: ", "  next: ")
        guard let start = lines.lastIndex(where: { $0.hasPrefix(label) }) else {
            return (nil, lines, nil)
        }
        let next = lines[start...].first { $0.hasPrefix(hint) }
        let evidence = lines[(start + 1)...].prefix { !$0.hasPrefix("  production: ") }
        return (
            String(lines[start].dropFirst(label.count)),
            lines[..<start] + evidence.map { String($0.trimmingPrefix("  ")) },
            next.map { String($0.dropFirst(hint.count)) }
        )
    }
}

extension PlaceOptions {
    /// The words that mean the same place again.
    var words: [String] {
        var words = files.flatMap { ["-f", $0] }
        for (flag, value) in [("--stage", stage), ("--service", service), ("--state", state)] {
            if let value { words += [flag, value] }
        }
        return words + variables.flatMap { ["--var", "\($0.key)=\($0.value)"] }
    }
}
