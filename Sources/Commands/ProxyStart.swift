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
        let process = try await world.processes.start(
            BackgroundRequest(
                arguments: [session.proxy.program, "proxy"] + words,
                environment: place.environment, log: place.log))
        do throws(Failure) {
            return try await wait(for: process)
        } catch {
            _ = await world.processes.end(process, .seconds(1))
            throw error
        }
    }

    private func wait(
        for process: ProcessIdentity
    ) async throws(Failure) -> EmbeddedAdmin.Greeting {
        let deadline = world.time.now() + Self.patience
        while world.time.now() < deadline, session.stop.interruption == nil {
            // Half an answer is one of a proxy that ends in this moment: its log says why.
            if let greeting = try? await admin.greeting(), greeting.process == process {
                return greeting
            }
            guard world.processes.isAlive(process) else {
                throw failure("has ended at once", process)
            }
            await world.time.sleep(Self.pause)
        }
        throw failure("did not answer within \(Wording.length(Self.patience))", process)
    }

    private func failure(_ what: String, _ process: ProcessIdentity) -> Failure {
        // A log that cannot be read has nothing to show.
        let log = (try? world.files.read(place.log, Self.longestLog)) ?? []
        let evidence = Wording.lastLines(String(decoding: log, as: UTF8.self), count: 5)
        let taken = admin.portTaken(evidence: evidence, besides: process.pid)
        if let taken { return taken }
        return Failure(
            .proxyNotStarted, "The proxy \(what).", evidence: evidence,
            hint: "See \(place.log), or run 'bluegreen proxy' in the foreground.")
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
