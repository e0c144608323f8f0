import Contracts
import Synchronization
import TestWorld

/// A machine on which programs are started in the background and listen on the port of their colour.
final class FakeHost: Sendable {
    struct State: Sendable {
        var started: [BackgroundRequest] = []
        /// The mark of every process that lives.
        var living: [ProcessIdentity: String] = [:]
        /// Where each of them listens.
        var ports: [ProcessIdentity: String] = [:]
        var ended: [ProcessIdentity] = []
        /// What each of them was given to end.
        var graces: [Duration] = []
        /// These do not end.
        var stubborn: Set<ProcessIdentity> = []
        var startFailure: Failure?
        /// Happens as soon as a program has started.
        var onStart: (@Sendable (inout State, ProcessIdentity) -> Void)?
        /// Happens when a process is told to end.
        var onEnd: (@Sendable () -> Void)?
        /// What somebody else answers on the port.
        var foreignAnswer: Result<Int, HTTPFailure>?
        /// What the started program answers, first to last; the last one stays.
        var answers: [Result<Int, HTTPFailure>] = [.success(200)]
        var asked: [String] = []
    }

    let files = MemoryFiles()
    let time = ManualTime()
    private let state = Mutex(State())

    func change(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

    var now: State { state.withLock { $0 } }

    static func identity(_ pid: Int32) -> ProcessIdentity {
        ProcessIdentity(pid: pid, startTime: UInt64(pid) * 10, bootID: "boot-1")
    }

    var world: World {
        var world = World.offLimits
        world.host.randomBits = { 42 + UInt64(self.now.started.count) }
        world.files = files.files
        world.time = time.time
        world.http = HTTP { request throws(HTTPFailure) in
            // Nobody answers in no time.
            guard request.timeout > .milliseconds(1) else {
                throw HTTPFailure(.timedOut, "no answer within 1 ms")
            }
            return HTTPAnswer(status: try self.answer(to: request.url))
        }
        world.processes.start = { request throws(Failure) in try self.start(request) }
        world.processes.end = { process, grace in self.end(process, grace) }
        world.processes.isAlive = { process in self.now.living[process] != nil }
        world.processes.facts = { process in
            guard self.now.living[process] != nil else { return nil }
            return ProcessFacts(uptime: .seconds(90), residentMemory: 40 << 20)
        }
        world.processes.kin = { trace in
            self.now.living
                .filter {
                    $0.key == trace.process || "BLUEGREEN_PROCESS=\($0.value)" == trace.mark
                }
                .map(\.key).sorted { $0.pid < $1.pid }
        }
        world.processes.listener = { _, port in ProcessName(pid: 99, program: "nginx:\(port)") }
        return world
    }

    private func start(_ request: BackgroundRequest) throws(Failure) -> ProcessIdentity {
        let result = state.withLock { state -> Result<ProcessIdentity, Failure> in
            state.started.append(request)
            if let failure = state.startFailure { return .failure(failure) }
            let identity = Self.identity(Int32(100 + state.started.count))
            state.living[identity] = request.environment["BLUEGREEN_PROCESS"]
            state.ports[identity] = request.environment["PORT"]
            state.onStart?(&state, identity)
            return .success(identity)
        }
        return try result.get()
    }

    private func end(_ process: ProcessIdentity, _ grace: Duration) -> Bool {
        state.withLock { state in
            state.onEnd?()
            state.graces.append(grace)
            guard !state.stubborn.contains(process) else { return false }
            if state.living.removeValue(forKey: process) != nil { state.ended.append(process) }
            return true
        }
    }

    private func answer(to url: String) throws(HTTPFailure) -> Int {
        let result = state.withLock { state -> Result<Int, HTTPFailure> in
            state.asked.append(url)
            if let foreign = state.foreignAnswer { return foreign }
            let isServed = state.living.keys.contains { process in
                state.ports[process].map { url.contains(":\($0)/") } ?? false
            }
            guard isServed else { return .failure(HTTPFailure(.refused, "refused")) }
            return state.answers.count > 1 ? state.answers.removeFirst() : state.answers[0]
        }
        return try result.get()
    }
}
