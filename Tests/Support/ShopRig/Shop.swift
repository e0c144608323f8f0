import Commands
import Console
package import Contracts
import PipelineModel
package import RunEngine
package import StateStores
import Synchronization
package import TestWorld

/// One machine on which `bluegreen` is typed, with a fake production; keeps what a person saw.
package final class Shop: Sendable {
    package let files: MemoryFiles
    package let simulation: Simulation
    package let production: FakeProduction
    private let shown = Mutex("")
    private let environment: Mutex<[String: String]>
    private let answers = Mutex<[String]?>(nil)
    private let random = Mutex<UInt64>(42)
    /// Of the process that types next.
    private let pid = Mutex<Int32>(4711)
    /// Nobody will read the transcript.
    private let isSilent = Mutex(false)
    /// Of all shops: most of what they read is the same.
    private static let readings = ReadingMemory()

    package init(pipeline: String? = Shop.pipeline, environment: [String: String] = [:]) {
        files = MemoryFiles()
        simulation = Simulation()
        production = FakeProduction(files: files, time: simulation.time)
        self.environment = Mutex(environment)
        if let pipeline { write("bluegreen.yaml", pipeline) }
    }

    /// The same disk, the same traffic, the same moment.
    package init(copying other: Shop) {
        files = other.files.copy()
        simulation = Simulation(now: other.simulation.now, wall: other.simulation.time.wall())
        production = FakeProduction(files: files, time: simulation.time)
        production.copy(other.production)
        environment = Mutex([:])
        random.withLock { $0 = other.random.withLock { $0 } }
    }

    // MARK: - Typing

    /// Types `bluegreen words`; `at` is when, after the command began, `then` happens.
    @discardableResult
    package func type(
        _ words: String..., after length: Duration? = nil,
        then event: (@Sendable (StopRequest) -> Void)? = nil
    ) -> Screen {
        type(words, after: length, then: event)
    }

    @discardableResult
    package func type(
        _ words: [String], after length: Duration? = nil,
        then event: (@Sendable (StopRequest) -> Void)? = nil
    ) -> Screen {
        let simulation = simulation
        return type(words) { app, stop in
            simulation.run {
                await withTaskGroup(of: Int32?.self) { group in
                    if let length, let event {
                        group.addTask {
                            await simulation.time.sleep(length)
                            if !Task.isCancelled { event(stop) }
                            return nil
                        }
                    }
                    group.addTask { await app.run(words) }
                    defer { group.cancelAll() }
                    while let status = await group.next() { if let status { return status } }
                    return 1
                }
            }
        }
    }

    /// Another process of this machine does it, whole, in the middle of a command that stands still;
    /// `look` happens before that one wakes up.
    @discardableResult
    package func typeAside(
        _ words: [String], then look: (Screen) -> Void = { _ in }
    ) -> Screen {
        let standing = pid.withLock { $0 }
        production.change { $0.standing = standing }
        beginProcess()
        defer {
            endProcess()
            pid.withLock { $0 = standing }
            production.change { $0.standing = nil }
        }
        note("another process, while that one stands still:")
        var screen: Screen?
        files.standStill {
            let seen = type(words) { app, _ in simulation.runAside { await app.run(words) } }
            look(seen)
            screen = seen
        }
        return screen ?? Screen(status: -1, output: "", error: "")
    }

    private func type(
        _ words: [String], _ run: (App, StopRequest) -> Int32?
    ) -> Screen {
        let recording = TerminalRecording(
            isTerminal: answers.withLock { $0 != nil }, environment: ["TERM": "dumb"],
            answers: answers.withLock { $0 ?? [] })
        let stop = StopRequest()
        let app = App(
            world: world, version: "0.1.0", stop: stop, proxy: production.proxyHost,
            terminal: { _, _ in recording.terminal })
        let status = run(app, stop)
        if words.first == "adopt", status == 0 { production.acceptLive() }
        let screen = Screen(
            status: status ?? -1, output: recording.output, error: recording.error)
        guard !isSilent.withLock({ $0 }) else { return screen }
        let line = (["bluegreen"] + words).map(Self.quoted).joined(separator: " ")
        append("$ \(line)\n\(recording.transcript)[\(screen.status)]\n\n")
        return screen
    }

    /// From here on a new process types, which others see living until it ends.
    package func beginProcess() {
        let pid = self.pid.withLock { pid in
            pid += 1
            return pid
        }
        production.change { $0.living.insert(pid) }
    }

    package func endProcess() {
        let pid = self.pid.withLock { $0 }
        production.change { $0.living.remove(pid) }
    }

    package struct Screen {
        package let status: Int32
        package let output: String
        package let error: String

        package init(status: Int32, output: String, error: String) {
            (self.status, self.output, self.error) = (status, output, error)
        }
    }

    /// From now on nothing is kept of what a person saw.
    package func silence() { isSilent.withLock { $0 = true } }

    /// Says in the transcript what happens between two commands.
    package func note(_ text: @autoclosure () -> String) {
        guard !isSilent.withLock({ $0 }) else { return }
        append("# \(text())\n")
    }

    package var transcript: String { shown.withLock { $0 } }

    private func append(_ text: String) { shown.withLock { $0 += text } }

    private static func quoted(_ word: String) -> String {
        word.contains { " {\"".contains($0) } ? "'\(word)'" : word
    }

    // MARK: - Surroundings

    package func write(_ path: String, _ text: String) { files[path] = Array(text.utf8) }

    package func read(_ path: String) -> String {
        files[path].map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    package func set(_ name: String, _ value: String) {
        environment.withLock { $0[name] = value }
    }

    /// From now on somebody sits at the terminal and answers so.
    package func answer(_ answers: String...) { self.answers.withLock { $0 = answers } }

    package func wait(_ length: Duration) { simulation.advance(by: length) }

    package var store: FileStateStore {
        FileStateStore(root: ".bluegreen", service: "shop", stage: nil, world: world)
    }

    /// Everything that this machine's disk holds under `.bluegreen`.
    package var recorded: String {
        files.paths.filter { $0.hasPrefix(".bluegreen") }.map(read).joined(separator: "\n")
    }

    /// A run of another process that got as far as `events`; it lives on, or it died.
    package func begin(
        _ plan: RunPlan, _ events: [RunEvent] = [], pid: Int32 = 900, isAlive: Bool,
        supersedes: RunID? = nil, pipelineDigest: String? = nil, owner stranger: Owner? = nil
    ) -> RunID? {
        let process = ProcessIdentity(pid: pid, startTime: 7, bootID: "boot-1")
        let owner = stranger ?? Owner(process: process, host: "ci-7", user: "ben")
        if isAlive { production.change { $0.living.insert(pid) } }
        let store = store
        let run = simulation.run { () -> RunID? in
            let journal = try? await store.begin(
                above: 0, patience: .seconds(1), judging: { _ in }
            ) { run, epoch in
                RunBeginning(
                    run: run, epoch: epoch, service: "shop", stage: nil, plan: plan, owner: owner,
                    supersedes: supersedes, pipelineDigest: pipelineDigest)
            }
            for event in events { try? await journal?.append(event, isDurable: true) }
            return journal?.beginning.run
        }
        if !isAlive { files.restart() }
        return run ?? nil
    }

    package var world: World {
        World(
            time: simulation.time, files: files.files, locks: files.locks,
            processes: Processes(
                run: { request throws(Failure) in try await self.production.run(request) },
                end: { process, _ in self.production.end(process) },
                isAlive: { self.production.isAlive($0) },
                start: { request throws(Failure) in try self.production.start(request) },
                facts: { self.production.facts($0) },
                kin: { self.production.kin($0.process) },
                listener: { self.production.listener($1) }),
            http: HTTP { request throws(HTTPFailure) in try await self.production.send(request) },
            streams: Streams { request throws(StreamFailure) in
                try await self.production.exchange(request)
            },
            host: Host(
                name: "ci-7", user: "ana", bootID: "boot-1",
                process: ProcessIdentity(
                    pid: pid.withLock { $0 }, startTime: 100, bootID: "boot-1"),
                workingDirectory: "/srv/shop",
                environment: { name in self.environment.withLock { $0[name] } },
                randomBits: {
                    self.random.withLock { bits in
                        bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                        return bits >> 8
                    }
                }), readings: Self.readings)
    }
}
