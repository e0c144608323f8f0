import Contracts
import Dispatch
import PipelineModel
import Synchronization
import TestWorld
import Testing

@testable import EmbeddedProxy

/// What each line is answered with.
struct AdminDeskTests {
    private let register: Register
    private let meter = TrafficMeter(shards: 1)

    init() throws {
        register = try Register(
            in: "/state", address: "/address", files: MemoryFiles().files, log: .silent)
    }

    private func ask(
        _ line: String, of other: Register? = nil, colors: Set<Color> = [.blue, .green],
        sleep: @escaping @Sendable (Duration) async -> Void = { _ in }
    ) async -> String {
        let desk = AdminDesk(
            register: other ?? register, meter: meter, colors: colors, sleep: sleep)
        let answers = Answers()
        await desk.answer(line) { answers.add($0) }
        #expect(answers.all.count == 1)
        return answers.all.first ?? ""
    }

    @Test func `a write is applied, repeated, and refused when it is stale`() async {
        #expect(await ask("write green free 41.2") == "applied\n")
        #expect(await ask("write green free 41.2") == "applied\n")
        #expect(await ask("write blue claimed 41.1") == "stale 41.2\n")
        #expect(await ask("write blue free 41.2").hasPrefix("stale 41.2"))
        #expect(register.routing.current.datum.live == .green)
    }

    @Test func `a colour without an address is no target`() async {
        #expect(await ask("write green free 41.2", colors: [.blue]) == "missing green\n")
        #expect(register.routing.current.datum.live == .blue)
    }

    @Test func `observe shows value, disk and both colours`() async {
        _ = await ask("write green claimed 41.2")
        #expect(
            await ask("observe")
                == #"{"claimed":true,"durable":"same","live":"green","paused":false,"#
                + #""pools":{"blue":{"inFlight":0,"servers":1,"up":1},"#
                + #""green":{"inFlight":0,"servers":1,"up":0}},"token":"41.2"}"# + "\n")
    }

    @Test(.timeLimit(.minutes(1)))
    func `who asks does not wait for the disk with a write`() async throws {
        var files = MemoryFiles().files
        let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
        let disk = DispatchSemaphore(value: 0)
        files.replace = { [replace = files.replace] path, bytes, mode throws(FileFailure) in
            if String(decoding: bytes, as: UTF8.self).contains("green") {
                beginning.yield()
                disk.wait()
            }
            try replace(path, bytes, mode)
        }
        let slow = try Register(in: "/state", address: "/address", files: files, log: .silent)
        async let written = ask("write green free 41.2", of: slow)
        for await _ in begun { break }
        let seen = await ask("observe", of: slow)
        #expect(seen.contains(#""live":"blue""#) && seen.contains("is being written"), "\(seen)")
        // Its file and the copy.
        for _ in 1...2 { disk.signal() }
        #expect(await written == "applied\n")
        #expect(await ask("observe", of: slow).contains(#""durable":"same","live":"green""#))
    }

    @Test func `ping names the process`() async {
        #expect(
            await ask("ping")
                == #"{"bootID":"b","listen":"127.0.0.1:8080","pid":7,"startTime":8}"# + "\n")
    }

    @Test func `stats count per colour`() async {
        let blue = meter.shard(0, .blue)
        for status in [200, 204, 301, 404, 500] {
            blue.begin()
            blue.finish(.answered(status: status), microseconds: 2_000)
        }
        blue.begin()
        blue.finish(.unanswered, microseconds: 1)
        blue.begin()
        #expect(meter.hold(atMost: 1))
        #expect(!meter.hold(atMost: 1))
        let stats = await ask("stats")
        for member in [
            #""held":1"#,
            #""requests":6"#, #""2xx":2"#, #""3xx":1"#, #""4xx":1"#, #""5xx":1"#,
            #""unanswered":1"#, #""inFlight":1"#, #""p50Microseconds":"#,
            #""p95Microseconds":"#, #""p99Microseconds":"#,
        ] {
            #expect(stats.contains(member), "\(member) in \(stats)")
        }
    }

    @Test func `a pause ends by itself`() async {
        let routing = register.routing
        let answer = await ask("pause 5s", sleep: { _ in #expect(routing.current.isPaused) })
        #expect(answer == "ok\n")
        #expect(!routing.current.isPaused)
    }

    @Test func `a split needs the token in force`() async {
        _ = await ask("write green free 41.2")
        #expect(await ask("split 41.2 5% header X-Canary 1") == "applied\n")
        #expect(register.routing.current.split?.match?.value == "1")
        #expect(await ask("split 41.1 off") == "stale 41.2\n")
        #expect(await ask("split 41.2 off") == "applied\n")
        #expect(register.routing.current.split == nil)
    }

    @Test func `a share is written with its token, in one step`() async {
        #expect(await ask("write blue free 41.2 5%") == "applied\n")
        #expect(register.routing.current.split == Split(idlePercent: 5))
        #expect(await ask("write blue free 41.2 5%") == "applied\n")
        #expect(await ask("write blue free 41.2 6%").hasPrefix("stale 41.2"))
        #expect(await ask("observe").contains(#""split":{"percent":5}"#))
        #expect(await ask("write blue claimed 41.3") == "applied\n")
        #expect(register.routing.current.split == nil)
    }

    @Test(arguments: [
        "write blue free 41.2 0%", "write blue free 41.2 100%", "write blue free 41.2 5",
        "write blue claimed 41.2 5%",
        "", " ", "hello", "observe now", "write", "write green", "write red free 1.1",
        "write green maybe 1.1", "write green free 1", "write green free 1.64",
        "write green free -1.1", "write green free 1.1.1", "write green free 99999999999.1",
        "write green free 41.2 more", "pause", "pause 5", "pause 0s", "pause 1h", "split 1.1",
        "split 1.1 5", "split 1.1 101%", "split 1.1 5% header X", "split 1.1 5% body X 1",
        "close-tunnels", "close-tunnels red", "GET /metrics HTTP/1.1", "\u{0}\u{1B}[31m",
    ])
    func `garbage is an error and changes nothing`(line: String) async {
        #expect(await ask(line).hasPrefix("error "))
        #expect(register.routing.current == RegisterRecord.first.route(isPaused: false))
    }

    @Test func `metrics are what Prometheus reads`() async {
        let green = meter.shard(0, .green)
        green.begin()
        green.finish(.answered(status: 200), microseconds: 3_000)
        let lines = Set(await ask("metrics").split(separator: "\n").map(String.init))
        for line in [
            #"bluegreen_proxy_live{color="blue"} 1"#, #"bluegreen_proxy_live{color="green"} 0"#,
            "# TYPE bluegreen_proxy_requests_total counter",
            #"bluegreen_proxy_requests_total{color="green"} 1"#,
            #"bluegreen_proxy_responses_total{color="green",class="2xx"} 1"#,
            #"bluegreen_proxy_request_duration_seconds_bucket{color="green",le="0.0025"} 0"#,
            #"bluegreen_proxy_request_duration_seconds_bucket{color="green",le="0.005"} 1"#,
            #"bluegreen_proxy_request_duration_seconds_bucket{color="green",le="+Inf"} 1"#,
            #"bluegreen_proxy_request_duration_seconds_count{color="green"} 1"#,
            "bluegreen_proxy_paused 0", "bluegreen_proxy_held 0",
        ] {
            #expect(lines.contains(line), "\(line)")
        }
    }

    @Test func `the average is of the last half minute`() {
        let recent = RecentLatency(meter)
        let blue = meter.shard(0, .blue)
        blue.begin()
        blue.finish(.answered(status: 200), microseconds: 1_000_000)
        for _ in 1...6 { recent.tick() }
        #expect(recent.averages[.blue] == nil)
        blue.begin()
        blue.finish(.answered(status: 200), microseconds: 1_000)
        let average = recent.averages[.blue] ?? .zero
        #expect(average > .microseconds(960) && average < .microseconds(1_040))
        #expect(recent.averages[.green] == nil)
    }
}

private final class Answers: Sendable {
    private let answers = Mutex<[String]>([])

    func add(_ answer: String) { answers.withLock { $0.append(answer) } }
    var all: [String] { answers.withLock { $0 } }
}

extension AdminDesk {
    /// Where blue is up and green is not.
    init(
        register: Register, meter: TrafficMeter = TrafficMeter(shards: 1), colors: Set<Color>,
        sleep: @escaping @Sendable (Duration) async -> Void = { _ in }
    ) {
        self.init(
            register: register, meter: meter, recent: RecentLatency(meter),
            proxy: Proxy(
                process: ProcessIdentity(pid: 7, startTime: 8, bootID: "b"),
                listen: "127.0.0.1:8080", colors: colors, isUp: { $0 == .blue },
                closeTunnels: { _ in }, sleep: sleep))
    }
}
