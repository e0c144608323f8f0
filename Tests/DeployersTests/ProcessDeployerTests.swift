import Contracts
import PipelineModel
import TestWorld
import Testing

@testable import Deployers

private let place = Position(file: "bluegreen.yaml", line: 7, column: 10)
private let note = "/state/shop/processes/green.json"
private let log = "/state/shop/processes/green.log"

private func step(_ more: [String: String] = [:], report: Report = Report()) -> Section {
    let words = ["./app", "--port", "${port}"].map { Node(.scalar($0, isQuoted: true), at: place) }
    let value = Node(.list(words), at: place)
    let entries = [Node.Entry(key: "process", keyPosition: place, value: value)]
    let others = more.map { key, value in
        Node.Entry(
            key: key, keyPosition: place, value: Node(.scalar(value, isQuoted: false), at: place))
    }
    return Section(
        Node(.mapping(entries + others), at: place), constants: Constants(), report: report)
}

private func context(
    _ color: Color = .green, environment: [String: String] = ["PATH": "/usr/bin"]
) -> StepContext {
    let port = color == .green ? "8082" : "8081"
    var context = StepContext(
        color: color, url: "http://127.0.0.1:\(port)",
        substitutes: Substitutes(["port": port], constants: Constants()),
        environment: environment, directory: "/srv/shop", timeout: .seconds(30))
    context.stateFolder = "/state/shop"
    return context
}

private func deployer(_ host: FakeHost, _ more: [String: String] = [:]) throws -> ProcessDeployer {
    try #require(ProcessDeployer(step(more), world: host.world))
}

@discardableResult
private func start(
    _ host: FakeHost, _ context: StepContext = context(), _ more: [String: String] = [:]
) async throws -> String {
    try await deployer(host, more).perform(context)
}

private func failure(
    _ host: FakeHost, _ context: StepContext = context(), _ more: [String: String] = [:]
) async throws -> Failure {
    try #require(
        await #expect(throws: Failure.self) { try await start(host, context, more) })
}

@Suite struct ProcessDeployerTests {
    let host = FakeHost()

    @Test func `the program gets its port, its mark, its folder and its log`() async throws {
        let evidence = try await start(host)
        let request = try #require(host.now.started.first)
        #expect(request.arguments == ["./app", "--port", "8082"])
        #expect(
            request.environment == [
                "PATH": "/usr/bin", "PORT": "8082", "BLUEGREEN_PROCESS": "16",
            ])
        #expect(request.directory == "/srv/shop")
        #expect(request.log == log)
        #expect(evidence == "pid 101, ready after 0 ms")
    }

    @Test func `a run that is stopped while the process before ends starts no other`()
        async throws
    {
        try await start(host)
        var world = host.world
        let kin = world.processes.kin
        world.processes.kin = { trace in
            withUnsafeCurrentTask { $0?.cancel() }
            return kin(trace)
        }
        let stopped = try #require(ProcessDeployer(step(), world: world))
        let failure = await Task {
            await #expect(throws: Failure.self) { try await stopped.perform(context()) }
        }.value
        #expect(failure?.code == .interrupted)
        #expect(host.now.ended == [FakeHost.identity(101)])
        #expect(host.now.started.count == 1)
    }

    @Test func `a run that is stopped while the port is looked at starts nothing`() async throws {
        host.change { $0.foreignAnswer = .failure(HTTPFailure(.cancelled, "cancelled")) }
        let failure = try await failure(host)
        #expect(failure.code == .interrupted)
        #expect(host.now.started.isEmpty)
        #expect(host.files[note] == nil)
    }

    @Test func `the step's time includes the end of the process before`() async throws {
        try await start(host)
        let time = host.time
        host.change { state in
            state.onEnd = { time.advance(by: .seconds(20)) }
            state.answers = [.success(503)]
        }
        let began = time.time.now()
        let failure = try await failure(host, context(), ["ready": "/healthz"])
        #expect(failure.code == .commandTimedOut)
        #expect(host.now.ended.count == 2)
        // The second process takes its 20 s to end, after the time is up.
        #expect(time.time.now() - began == .seconds(50))
    }

    @Test func `nothing is started where the process before took all the time of the step`()
        async throws
    {
        try await start(host)
        let time = host.time
        host.change { $0.onEnd = { time.advance(by: .seconds(30)) } }
        let failure = try await failure(host)
        #expect(failure.code == .commandTimedOut)
        #expect(
            failure.message
                == "`./app` was not started: the process before took the step's 30 s to end.")
        #expect(host.now.started.count == 1)
    }

    @Test func `a process gets no more time to end than its step has left`() async throws {
        try await start(host)
        try await start(host, context(), ["grace": "90s"])
        #expect(host.now.graces == [.seconds(30)])
        _ = try await deployer(host, ["grace": "90s"]).end(context())
        #expect(host.now.graces == [.seconds(30), .seconds(30)])
    }

    @Test func `a port that the step names itself is kept`() async throws {
        host.change { $0.onStart = { state, process in state.ports[process] = "8082" } }
        try await start(host, context(environment: ["PORT": "9000"]))
        #expect(host.now.started.first?.environment["PORT"] == "9000")
    }

    @Test func `the process is remembered, for its owner only`() async throws {
        try await start(host)
        #expect(host.files.mode(note) == 0o600)
        #expect(
            host.files[note].map { String(decoding: $0, as: UTF8.self) }
                == #"{"mark":"16","process":{"bootID":"boot-1","pid":101,"startTime":1010},"#
                + #""schemaVersion":1}"# + "\n")
    }

    @Test func `how to recognise it is on disk before it exists`() async throws {
        let files = host.files
        host.change { $0.onStart = { _, _ in #expect(files[note] != nil) } }
        try await start(host)
        #expect(host.now.started.count == 1)
    }

    @Test func `repeating the step replaces the process of that colour only`() async throws {
        try await start(host, context(.blue))
        try await start(host)
        try await start(host)
        #expect(host.now.ended == [FakeHost.identity(102)])
        #expect(host.now.living.keys.map(\.pid).sorted() == [101, 103])
    }

    @Test func `a process that was started and never recorded is found and replaced`()
        async throws
    {
        try await start(host)
        host.files[note] = Array(#"{"schemaVersion":1,"mark":"16"}"#.utf8)
        try await start(host)
        #expect(host.now.ended == [FakeHost.identity(101)])
    }

    @Test func `what the process started itself is ended with it`() async throws {
        try await start(host)
        host.change { $0.living[FakeHost.identity(777)] = "16" }
        try await start(host)
        #expect(host.now.ended.map(\.pid).sorted() == [101, 777])
    }

    @Test func `a process that does not end is a failure that names it`() async throws {
        try await start(host)
        host.change { $0.stubborn = [FakeHost.identity(101)] }
        let failure = try await failure(host)
        #expect(failure.message == "The process before does not end: pid 101.")
        #expect(host.now.started.count == 1)
    }

    @Test(arguments: [
        Result<Int, HTTPFailure>.success(200), .failure(HTTPFailure(.timedOut, "slow")),
        .failure(HTTPFailure(.garbled, "no HTTP")),
    ])
    func `a port that somebody else holds is named, with who it is`(
        answer: Result<Int, HTTPFailure>
    ) async throws {
        host.change { $0.foreignAnswer = answer }
        let failure = try await failure(host)
        #expect(failure.code == .portTaken)
        #expect(failure.message == "Port 8082 of green is taken by somebody else.")
        #expect(failure.evidence == ["pid 99 (nginx:8082) listens on it"])
        #expect(host.now.started.isEmpty)
    }

    @Test func `a damaged note is refused, as nobody knows what runs`() async throws {
        host.files[note] = Array("{".utf8)
        let failure = try await failure(host)
        #expect(failure.code == .recordCorrupt)
        #expect(host.now.started.isEmpty)
    }

    @Test func `a missing program is worded as for a command`() async throws {
        host.change { $0.startFailure = Failure(.commandNotFound, "ENOENT") }
        let failure = try await failure(host)
        #expect(failure.code == .commandNotFound)
        #expect(failure.message == "There is no program './app'.")
    }

    @Test func `a process that cannot be recorded is not left running`() async throws {
        let files = host.files
        // The second note: written aside, and that fails.
        host.change { $0.onStart = { _, _ in files.prepare(.failure(.noSpace), at: 1) } }
        let failure = try await failure(host)
        #expect(failure.code == .recordUnwritable)
        #expect(host.now.living.isEmpty)
    }
}

@Suite struct ProcessReadinessTests {
    let host = FakeHost()

    @Test func `without a path any answer is enough`() async throws {
        host.change { $0.answers = [.success(404)] }
        try await start(host)
        #expect(host.now.asked.last == "http://127.0.0.1:8082/")
    }

    @Test func `with a path it waits for a good answer there`() async throws {
        host.change {
            $0.answers = [
                .failure(HTTPFailure(.refused, "refused")), .success(503), .success(204),
            ]
        }
        let evidence = try await start(host, context(), ["ready": "/healthz"])
        #expect(
            host.now.asked.suffix(3) == Array(repeating: "http://127.0.0.1:8082/healthz", count: 3))
        #expect(evidence == "pid 101, ready after 100 ms")
    }

    @Test func `a process that dies while it is waited for fails at once, with its last words`()
        async throws
    {
        let files = host.files
        files[log] = Array("an older release\n".utf8)
        host.change { state in
            state.onStart = { state, process in
                state.living[process] = nil
                files[log] = Array("an older release\nno database\n".utf8)
            }
        }
        let failure = try await failure(host)
        #expect(failure.code == .commandFailed)
        #expect(failure.message == "`./app` ended before it was ready.")
        #expect(failure.evidence == ["no database"])
        #expect(failure.hint?.contains(log) == true)
    }

    @Test func `a process that is not ready in time is ended`() async throws {
        host.change { $0.answers = [.success(503)] }
        let failure = try await failure(host, context(), ["ready": "/healthz"])
        #expect(failure.code == .commandTimedOut)
        #expect(failure.message == "`./app` was not ready within 30 s and was stopped.")
        #expect(failure.evidence == ["GET http://127.0.0.1:8082/healthz: status 503"])
        #expect(host.now.living.isEmpty)
    }

    @Test func `a cancelled step leaves no process behind`() async throws {
        host.change { state in
            state.answers = [.success(503)]
            state.onStart = { _, _ in withUnsafeCurrentTask { $0?.cancel() } }
        }
        let host = host
        let failure = await Task {
            await #expect(throws: Failure.self) {
                try await start(host, context(), ["ready": "/healthz"])
            }
        }.value
        #expect(failure?.code == .interrupted)
        #expect(host.now.living.isEmpty)
    }

    @Test func `a path that is none is a mistake`() {
        let report = Report()
        _ = ProcessDeployer(step(["ready": "healthz"], report: report), world: .offLimits)
        #expect(report.diagnostics.map(\.message) == ["'ready' must begin with '/'"])
    }
}

@Suite struct ProcessHostingTests {
    let host = FakeHost()

    private func observe(_ color: Color) throws -> HostedProcess? {
        try deployer(host).observe(color, in: "/state/shop")
    }

    @Test func `ending ends the process of that colour and forgets it`() async throws {
        try await start(host)
        try await start(host, context(.blue))
        #expect(try await deployer(host).end(context()) == "pid 101 has ended")
        #expect(host.now.living.keys.map(\.pid) == [102])
        #expect(try observe(.green) == nil)
        #expect(try await deployer(host).end(context()) == "nothing was running")
    }

    @Test func `a running process is shown with what it takes`() async throws {
        try await start(host)
        let facts = ProcessFacts(uptime: .seconds(90), residentMemory: 40 << 20)
        #expect(try observe(.green) == HostedProcess(pid: 101, facts: facts, log: log))
        #expect(try observe(.blue) == nil)
    }

    @Test func `a process that has died is shown without facts`() async throws {
        try await start(host)
        host.change { $0.living = [:] }
        #expect(try observe(.green) == HostedProcess(pid: 101, facts: nil, log: log))
    }

    @Test func `a process that was never recorded is shown all the same`() async throws {
        try await start(host)
        host.files[note] = Array(#"{"schemaVersion":1,"mark":"16"}"#.utf8)
        #expect(try observe(.green)?.pid == 101)
    }
}
