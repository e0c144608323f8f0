import Contracts
import PipelineModel
import Synchronization
import TestWorld
import Testing

@testable import Deployers

/// Programs that end as a test wants, and what was asked of them.
private final class Programs: Sendable {
    private let asked = Mutex<[ProcessRequest]>([])
    private let answer: @Sendable (ProcessRequest) throws(Failure) -> ProcessResult

    init(_ answer: @escaping @Sendable (ProcessRequest) throws(Failure) -> ProcessResult) {
        self.answer = answer
    }

    convenience init(
        _ ending: ProcessResult.Ending, output: String = "", errors: String = "",
        elapsed: Duration = .milliseconds(1200)
    ) {
        self.init { _ throws(Failure) in
            ProcessResult(ending: ending, output: output, errors: errors, elapsed: elapsed)
        }
    }

    var requests: [ProcessRequest] { asked.withLock { $0 } }

    var world: World {
        var world = World.offLimits
        world.processes.run = { request throws(Failure) in
            self.asked.withLock { $0.append(request) }
            return try self.answer(request)
        }
        return world
    }
}

private let place = Position(file: "bluegreen.yaml", line: 7, column: 10)

private func step(_ arguments: [String], report: Report = Report()) -> Section {
    step(.list(arguments.map { Node(.scalar($0, isQuoted: true), at: place) }), report: report)
}

private func step(_ run: Node.Content, report: Report = Report()) -> Section {
    let entry = Node.Entry(key: "run", keyPosition: place, value: Node(run, at: place))
    return Section(Node(.mapping([entry]), at: place), constants: Constants(), report: report)
}

private func context(
    _ values: [String: String] = [:], environment: [String: String] = ["PATH": "/usr/bin:/bin"]
) -> StepContext {
    StepContext(
        color: .green, url: "http://127.0.0.1:8082",
        substitutes: Substitutes(values, constants: Constants(variables: ["region": "eu"])),
        environment: environment, directory: "/srv/shop", timeout: .seconds(300))
}

private func perform(
    _ section: Section, _ programs: Programs, _ context: StepContext = context()
) async throws -> String {
    let deployer = try #require(DeployerCatalog.make("run", section, world: programs.world))
    return try await deployer.perform(context)
}

private func failure(
    _ section: Section, _ programs: Programs, _ context: StepContext = context()
) async throws -> Failure {
    try #require(
        await #expect(throws: Failure.self) { try await perform(section, programs, context) })
}

@Suite struct RunDeployerTests {
    @Test func `what a step has left running is named in its evidence and its log`() async throws {
        var ended = ProcessResult(ending: .exited(0), elapsed: .milliseconds(500))
        ended.left = [ProcessName(pid: 4711, program: "myapp")]
        let result = ended
        let lines = Mutex<[String]>([])
        var place = context()
        place.line = { line in lines.withLock { $0.append(line.text) } }
        let evidence = try await perform(
            step(["./start"]), Programs { _ throws(Failure) in result }, place)
        let words = "ended 1 process that the step had left running (myapp 4711)"
        #expect(evidence.hasPrefix("exit 0 in 500 ms; \(words)"))
        #expect(lines.withLock { $0 }.first?.hasPrefix("bluegreen: \(words)") == true)
    }

    @Test func `a vector is run without a shell and with its values filled in`() async throws {
        let programs = Programs(.exited(0))
        let evidence = try await perform(
            step(["docker", "compose", "-p", "shop-${color}", "--region=${var.region}", "$$HOME"]),
            programs, context(["color": "green"]))
        #expect(
            programs.requests.map(\.arguments) == [
                ["docker", "compose", "-p", "shop-green", "--region=eu", "$HOME"]
            ])
        #expect(evidence == "exit 0 in 1.2 s")
    }

    @Test func `a text is run by the shell exactly as written`() async throws {
        let programs = Programs(.exited(0))
        _ = try await perform(
            step(.scalar("echo \"$HOME\" ${color} | wc", isQuoted: false)), programs,
            context(["color": "green"]))
        #expect(
            programs.requests.map(\.arguments) == [
                ["/bin/sh", "-c", "echo \"$HOME\" ${color} | wc"]
            ])
    }

    @Test func `the child gets the context's environment, folder and time and nothing else`()
        async throws
    {
        let programs = Programs(.exited(0))
        let environment = ["PATH": "/bin", "BLUEGREEN_COLOR": "green"]
        _ = try await perform(step(["true"]), programs, context(environment: environment))
        let request = try #require(programs.requests.first)
        #expect(request.environment == environment)
        #expect(request.directory == "/srv/shop")
        #expect(request.timeout == .seconds(300))
    }

    @Test func `lines and the process's identity reach the context`() async throws {
        let lines = Mutex<[OutputLine]>([])
        let spawned = Mutex<[ProcessIdentity]>([])
        let identity = ProcessIdentity(pid: 9, startTime: 1, bootID: "boot-1")
        var context = context()
        context.line = { line in lines.withLock { $0.append(line) } }
        context.spawned = { identity in spawned.withLock { $0.append(identity) } }
        var world = World.offLimits
        world.processes.run = { request throws(Failure) in
            await request.spawned(identity)
            request.line(OutputLine(.error, "pulling"))
            return ProcessResult(ending: .exited(0))
        }
        let deployer = try #require(DeployerCatalog.make("run", step(["true"]), world: world))
        _ = try await deployer.perform(context)
        #expect(lines.withLock { $0 } == [OutputLine(.error, "pulling")])
        #expect(spawned.withLock { $0 } == [identity])
    }

    @Test(arguments: [
        (["deploy", "${version}"], "--help"),
        (["deploy", "${version}"], "-"),
        (["deploy", "${version}"], "-\u{301}rf"),
        (["${version}"], "-x"),
        (["deploy", "${color}-rf", "${version}"], "1"),
    ])
    func `an argument that becomes an option by its value is refused`(
        arguments: [String], version: String
    ) async throws {
        let programs = Programs(.exited(0))
        let failure = try await failure(
            step(arguments), programs, context(["version": version, "color": ""]))
        #expect(failure.code == .refused)
        #expect(
            failure.message
                == "The argument at bluegreen.yaml:7:10 begins with '-' only because of its value.")
        #expect(programs.requests.isEmpty)
    }

    @Test(arguments: ["-v${version}", "--set=${version}", "-", "--", "x${version}"])
    func `an option that was written as one is kept`(argument: String) async throws {
        let programs = Programs(.exited(0))
        _ = try await perform(step(["deploy", argument]), programs, context(["version": "-1"]))
        #expect(programs.requests.count == 1)
    }

    @Test func `a NUL in an argument is refused`() async throws {
        let failure = try await failure(
            step(["deploy", "a${version}"]), Programs(.exited(0)), context(["version": "1\0"]))
        #expect(failure.code == .refused)
        #expect(failure.message == "An argument of the command contains a NUL character.")
    }

    @Test func `a NUL in the environment is refused by the variable's name`() async throws {
        let failure = try await failure(
            step(["deploy"]), Programs(.exited(0)), context(environment: ["TOKEN": "a\0b"]))
        #expect(failure.code == .refused)
        #expect(failure.message == "The environment variable TOKEN contains a NUL character.")
    }

    @Test func `a program that is an empty value is refused`() async throws {
        let failure = try await failure(
            step(["${version}", "up"]), Programs(.exited(0)), context(["version": ""]))
        #expect(failure.code == .refused)
    }

    @Test func `a name without a value says which and where`() async throws {
        let failure = try await failure(step(["deploy", "${version}"]), Programs(.exited(0)))
        #expect(failure.code == .substituteMissing)
        #expect(failure.message == "'version' at bluegreen.yaml:7:10 has no value now.")
    }
}

@Suite struct RunDeployerEndingTests {
    @Test func `a failed command shows its status and the last 20 lines of its errors`()
        async throws
    {
        let errors = (1...30).map { "line \($0)" }.joined(separator: "\r\n") + "\n\n"
        let failure = try await failure(
            step(["npm", "run", "smoke"]),
            Programs(.exited(3), output: "not this", errors: errors))
        #expect(failure.code == .commandFailed)
        #expect(failure.message == "`npm run smoke` exited with status 3 after 1.2 s.")
        #expect(failure.evidence == (11...30).map { "line \($0)" })
    }

    @Test func `a failed command without errors shows its output`() async throws {
        let failure = try await failure(
            step(["npm"]), Programs(.exited(1), output: "a\nb\n", errors: "\n"))
        #expect(failure.evidence == ["a", "b"])
    }

    @Test func `an endless line of output is left whole for whoever hides secrets`() async throws {
        let failure = try await failure(
            step(["npm"]), Programs(.exited(1), errors: String(repeating: "x", count: 60_000)))
        #expect(failure.evidence == [String(repeating: "x", count: 60_000)])
    }

    @Test(arguments: [
        (ProcessResult.Ending.signalled(9), "was ended by signal 9 (SIGKILL) after 1.2 s."),
        (.signalled(34), "was ended by signal 34 after 1.2 s."),
    ])
    func `a signal is named`(ending: ProcessResult.Ending, words: String) async throws {
        let failure = try await failure(step(["npm"]), Programs(ending))
        #expect(failure.code == .commandKilled)
        #expect(failure.message == "`npm` \(words)")
    }

    @Test func `a command that takes too long names the time it had`() async throws {
        let failure = try await failure(step(["npm"]), Programs(.timedOut, errors: "waiting"))
        #expect(failure.code == .commandTimedOut)
        #expect(failure.message == "`npm` did not end within 5 m and was stopped.")
        #expect(failure.evidence == ["waiting"])
        #expect(failure.hint == "Raise 'timeout' if it needs longer.")
    }

    @Test func `a cancelled command counts as interrupted`() async throws {
        let failure = try await failure(step(["npm"]), Programs(.cancelled))
        #expect(failure.code == .interrupted)
        #expect(failure.message == "`npm` was stopped after 1.2 s.")
    }

    @Test func `a missing program says where it was looked for`() async throws {
        let programs = Programs { _ throws(Failure) in throw Failure(.commandNotFound, "ENOENT") }
        let failure = try await failure(step(["dokcer", "up"]), programs)
        #expect(failure.code == .commandNotFound)
        #expect(failure.message == "There is no program 'dokcer'.")
        #expect(
            failure.hint
                == "Steps look in PATH=/usr/bin:/bin. Install it there or give its full path.")
    }

    @Test func `a missing program with a path does not blame PATH`() async throws {
        let programs = Programs { _ throws(Failure) in throw Failure(.commandNotFound, "ENOENT") }
        let failure = try await failure(step(["./print-config"]), programs)
        #expect(failure.hint == "There must be a program that may be executed at this path.")
    }

    @Test func `another failure to start is handed on as it is`() async throws {
        let trouble = Failure(.commandFailed, "The folder /srv/shop is not there.")
        let programs = Programs { _ throws(Failure) in throw trouble }
        #expect(try await failure(step(["true"]), programs) == trouble)
    }

    @Test func `a shell that finds no program names PATH`() async throws {
        let failure = try await failure(
            step(.scalar("dokcer up", isQuoted: false)),
            Programs(.exited(127), errors: "sh: 1: dokcer: not found"))
        #expect(failure.code == .commandFailed)
        #expect(failure.message == "`dokcer up` exited with status 127 after 1.2 s.")
        #expect(
            failure.hint == "The shell says that a program was not found; PATH is /usr/bin:/bin.")
    }

    @Test func `a long command is shown by its first whole arguments`() async throws {
        let failure = try await failure(
            step(["echo", "-n", String(repeating: "a", count: 200)]), Programs(.exited(1)))
        #expect(failure.message == "`echo -n …` exited with status 1 after 1.2 s.")
    }
}

@Suite struct RunDeployerReadingTests {
    @Test(arguments: [
        Node.Content.list([]), .scalar("", isQuoted: true), .scalar("  ", isQuoted: true),
        .list([Node(.scalar("", isQuoted: true), at: place)]),
    ])
    func `a command without a program is a mistake at its place`(run: Node.Content) {
        let report = Report()
        #expect(RunDeployer(step(run, report: report), world: .offLimits) == nil)
        #expect(report.diagnostics == [Diagnostic(at: place, "'run' names no program")])
    }

    @Test func `a captured value is unknown to a command`() {
        let report = Report()
        _ = RunDeployer(step(["deploy", "${capture.cart}"], report: report), world: .offLimits)
        #expect(report.diagnostics.map(\.message) == ["nothing before this captures 'cart'"])
    }

    @Test func `the catalogue knows its kinds and no others`() {
        #expect(DeployerCatalog.descriptions.map(\.kind) == ["process", "run"])
        #expect(DeployerCatalog.make("helm", step(["true"]), world: .offLimits) == nil)
    }
}
