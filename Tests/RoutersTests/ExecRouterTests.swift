import Contracts
import PipelineModel
import TestWorld
import Testing

@testable import Routers

/// What is peculiar to the router `exec`.
@Suite struct ExecRouterTests {
    private static let green = Datum(live: .green, token: Token(number: 80))

    @Test(arguments: [
        "", "\n", "blue\n\n", "blue green\n", " blue\n", "Warning: old API\nblue\n", "blue\r\n",
        "\u{1B}[32mblue\n", "blåe\n", String(repeating: "b", count: 129),
    ])
    func `anything but one word is a failure, never a colour`(output: String) async throws {
        let told = FakeTold()
        let router = try told.tool()
        told.prepare("read", ProcessResult(ending: .exited(0), output: output))
        let failure = await #expect(throws: Failure.self) { try await router.observe() }
        #expect(failure?.code == .routerGarbled)
        #expect(failure?.evidence.first?.contains("\u{1B}") == false)
    }

    @Test func `a tool that fails is unreachable, with its status and words`() async throws {
        let told = FakeTold()
        let router = try told.tool()
        told.prepare(
            "read", ProcessResult(ending: .exited(7), errors: "login failed\n", elapsed: .zero))
        let failure = await #expect(throws: Failure.self) { try await router.observe() }
        #expect(failure?.code == .routerUnreachable)
        #expect(
            failure?.message
                == "The tool tool cannot be asked. `tool read` exited with status 7 after 0 ms.")
        #expect(failure?.evidence == ["login failed"])
    }

    @Test func `values are arguments of their own, and no shell sees them`() async throws {
        let told = FakeTold()
        let router = try told.tool([
            "switch": ["tool", "switch", "${datum}", "--color=${color}; rm -rf /", "${token}"]
        ])
        let before = try await router.observe()
        _ = await router.write(Self.green, expecting: before)
        let order = try #require(told.asked.first { $0.arguments[1] == "switch" })
        #expect(
            order.arguments
                == ["tool", "switch", "green:blue:0:80", "--color=green; rm -rf /", "80"])
        #expect(order.timeout == .seconds(2))
    }

    @Test func `a tool gets what is told in its environment, and nothing else of ours`()
        async throws
    {
        let told = FakeTold()
        let router = try told.tool([
            "env": ["ZONE": "eu", "WANTED": "${color}"], "passEnv": ["NOT_SET"],
            "directory": "/srv",
        ])
        let before = try await router.observe()
        #expect(told.asked.last?.environment == ["ZONE": "eu"])
        #expect(told.asked.last?.directory == "/srv")
        _ = await router.write(Self.green, expecting: before)
        let order = try #require(told.asked.first { $0.arguments[1] == "switch" })
        #expect(
            order.environment == [
                "ZONE": "eu", "WANTED": "green", "BLUEGREEN_COLOR": "green",
                "BLUEGREEN_TOKEN": "80", "BLUEGREEN_DATUM": "green:blue:0:80",
            ])
    }

    @Test func `an earlier order that still runs is waited for, and nothing is told beside it`()
        async throws
    {
        let told = FakeTold()
        let time = ManualTime()
        let earlier = ProcessIdentity(pid: 4711, startTime: 1, bootID: "this")
        let ends = time.now + .seconds(1)
        var world = told.world
        world.time = time.time
        world.processes.kin = { _ in time.now < ends ? [earlier] : [] }
        let router = try told.tool(in: world)
        let before = try await router.observe()
        #expect(time.now == ends)
        world.processes.kin = { _ in [earlier] }
        let refused = try await told.tool(in: world).write(Self.green, expecting: before)
        guard case .notApplied(let failure) = refused else {
            Issue.record("\(refused)")
            return
        }
        #expect(failure.evidence == ["pid 4711"])
        #expect(!told.asked.contains { $0.arguments[1] == "switch" })
    }

    @Test func `an order is known again from another folder, and from the record`() throws {
        let settings: Settings = [
            "read": ["./traffic", "read"], "switch": ["./traffic", "${var.zone}", "${datum}"],
            "env": ["ZONE": "${var.zone}", "PASSWORD": "${env.PASSWORD}"],
        ]
        func mark(_ section: Section, in folder: String, from working: String) -> String {
            var world = RouterWorld.world()
            world.host.workingDirectory = working
            return ToolCallsUnderWay(section, in: folder, world).mark
        }
        func constants(_ zone: String) -> Constants {
            Constants(variables: ["zone": zone]) { _ in "hunter2" }
        }
        let pipeline = settings.section(constants: constants("eu"))
        let record = try #require(
            Section(
                recipe: pipeline.recipe(), named: "recipe", constants: constants("us"),
                report: Report()))
        let first = mark(pipeline, in: ".", from: "/srv/shop")
        #expect(mark(record, in: "/srv/shop", from: "/") == first)
        #expect(mark(pipeline, in: "../shop", from: "/srv/blog") == first)
        #expect(mark(pipeline, in: ".", from: "/srv/blog") != first)
        let other = settings.section(constants: constants("us"))
        #expect(mark(other, in: ".", from: "/srv/shop") != first)
        #expect(!first.contains("hunter2"))
    }

    @Test func `a program that is not there has not been told`() async throws {
        let told = FakeTold()
        var world = told.world
        world.processes.run = { (request) throws(Failure) in
            guard request.arguments[1] == "read" else { throw Failure(.commandNotFound, "none") }
            return try await told.world.processes.run(request)
        }
        let settings: Settings = ["read": ["tool", "read"], "switch": ["gone", "switch"]]
        let made = ExecRouter(settings.section(), world: world)
        let router = try #require(made)
        let result = await router.write(Self.green, expecting: try await router.observe())
        #expect(!result.isUnknown)
        #expect(result.failure?.message.contains("There is no program 'gone'.") == true)
    }

    @Test func `without 'read' or 'switch' there is no router`() {
        let only: [Settings] = [["read": ["a", "b"]], ["switch": ["a", "b"]]]
        for settings in only {
            #expect(ExecRouter(settings.section(), world: RouterWorld.world()) == nil)
        }
        for key in ["read", "switch"] {
            guard case .required? = ExecRouter.settings[key]?.presence else {
                Issue.record("'\(key)' must be required")
                continue
            }
        }
    }

    @Test(arguments: [
        ("read", "${color}", "'${color}' has no value here"),
        ("switch", "${version}", "'${version}' has no value here"),
        ("verify", "${capture.x}", "'${capture.x}' has no value here"),
    ])
    func `a name without a value is reported`(key: String, name: String, message: String) {
        let report = Report()
        #expect(FakeTold().tool(.mapping([(key, .list(["tool", .text(name)]))]), report) == nil)
        #expect(report.diagnostics.map(\.message) == [message])
    }
}
