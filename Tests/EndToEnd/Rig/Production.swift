import FoundationEssentials
import Glibc
import Testing
import TrafficRig

/// A real proxy where users come to, with a pipeline file, and the built program to move the traffic.
protocol PublicAddress: Sendable {
    /// Where the pipeline file is.
    var folder: TemporaryFolder { get }
    var url: String { get }
    /// What users ask for.
    var page: String { get }
    /// The page that says which colour serves it.
    var identity: String { get }
    var takesOrders: Bool { get }
}

/// The same with two colours of the shop behind it.
protocol Production: PublicAddress {
    var blue: ExampleService { get }
    var green: ExampleService { get }
}

extension Production {
    var page: String { url + "/" }
    var identity: String { url + "/version" }
    var takesOrders: Bool { true }
}

extension PublicAddress {
    /// The record of the service.
    var record: String { folder.file(".bluegreen/shop") }

    /// Every line of every journal, oldest first.
    func journal() throws -> [JournalLine] {
        let runs = record + "/runs"
        guard FileManager.default.fileExists(atPath: runs) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: runs).sorted()
            .filter { $0.hasSuffix(".jsonl") }
            .flatMap { file in
                try folder.read(".bluegreen/shop/runs/" + file).split(separator: "\n")
                    .compactMap { try? JSONDecoder().decode(JournalLine.self, from: Data($0.utf8)) }
            }
    }

    // MARK: The program

    /// Runs `bluegreen WORDS` to its end in the folder of the pipeline.
    func run(
        _ words: String..., environment: [String: String?] = [:]
    ) async throws -> FinishedProcess {
        try await run(words, environment: environment)
    }

    func run(
        _ words: [String], environment: [String: String?] = [:]
    ) async throws -> FinishedProcess {
        try await ChildProcess.run(
            [Products.bluegreen] + words, environment: environment, directory: folder.path)
    }

    /// Runs `body` while a process that hangs holds the lock of the record.
    func holdingLock(_ body: () async throws -> Void) async throws {
        let holder = try ChildProcess(
            ["sh", "-c", "exec 9<'\(record)/lock'; flock 9; echo held; kill -STOP $$"],
            logs: folder, name: "holder")
        defer { holder.killAtOnce() }
        try await eventually("the lock to be held") { holder.output.contains("held") }
        try await body()
    }

    /// Starts `bluegreen WORDS`, runs `body` beside it, and makes sure that it is gone afterwards.
    func beside(
        _ words: String..., body: (ChildProcess) async throws -> Void
    ) async throws {
        let process = try ChildProcess(
            [Products.bluegreen] + words, directory: folder.path, logs: folder,
            name: "bluegreen-\(words[0])-\(Monotonic.now())")
        do {
            try await body(process)
        } catch {
            process.killAtOnce()
            throw RigFailure("\(error)\n\(process.output)\(process.errors)")
        }
        process.killAtOnce()
    }

    // MARK: What is to be seen

    /// Who answers a user on a fresh connection.
    func live() async throws -> String? {
        try await FreshRequest("GET", identity).send().color
    }

    /// The same at each of these addresses.
    func lives(at addresses: [String]) async throws -> [String?] {
        var colors: [String?] = []
        for address in addresses {
            colors.append(try await FreshRequest("GET", address + "/version").send().color)
        }
        return colors
    }

    func expectStatus(_ expected: Int32, _ words: String...) async throws {
        let status = try await run("status")
        #expect(status.status == expected, "\(status)")
        for word in words { #expect(status.output.contains(word), "\(status)") }
    }

    /// Who answers so many fresh requests.
    func answers(_ count: Int) async throws -> [String: Int] {
        var colors: [String: Int] = [:]
        for _ in 0..<count { colors[try await live() ?? "nobody", default: 0] += 1 }
        return colors
    }

    /// A switch that is clean, and seen.
    func switches(to color: String) async throws {
        let done = try await run("switch", color, "--no-bake")
        #expect(done.status == 0, "\(done)")
        #expect(try await live() == color)
    }

    /// Waits until something happened and was written down.
    func until(_ kind: String) async throws {
        try await eventually("'\(kind)' in the journal", within: .seconds(20)) {
            try journal().contains { $0.k == kind }
        }
    }

    /// The step that `PipelineText.endlessDeploy` started, once it is also in the journal; whoever asks
    /// for it ends it.
    func endlessStep() async throws -> Int32 {
        var pid: Int32?
        try await eventually("the endless step") {
            pid = Int32(try folder.read("step.pid").trimming)
            return pid != nil
        }
        let step = try #require(pid)
        // What was started is the step's supervisor, who leads its session.
        try await eventually("the endless step in the journal") {
            try journal().contains { $0.v.spawned == getsid(step) }
        }
        return step
    }

    // MARK: Traffic

    /// Runs `body` while users ask; they have begun when it begins.
    func underLoad(
        rate: Int = 300, keepAlive: Int = 16, close: Int = 4, posts: Int = 2,
        _ body: (LoadClient) async throws -> [Switch]
    ) async throws -> LoadSummary {
        let client = try await LoadClient.start(
            LoadPlan(
                url: page, rate: rate, keepAlive: keepAlive, close: close,
                posts: takesOrders ? posts : 0))
        do {
            try await client.wait(for: 50)
            return try await client.stop(switches: try await body(client))
        } catch {
            _ = try await client.stop()
            throw error
        }
    }

    /// The same at several addresses at once.
    func underLoad(
        at addresses: [String], rate: Int = 100,
        _ body: ([LoadClient]) async throws -> [Switch]
    ) async throws -> [LoadSummary] {
        var clients: [LoadClient] = []
        for address in addresses {
            clients.append(
                try await LoadClient.start(
                    LoadPlan(url: address + "/", rate: rate, keepAlive: 8, close: 4, posts: 2)))
        }
        for client in clients { try await client.wait(for: 20) }
        do {
            let switches = try await body(clients)
            var summaries: [LoadSummary] = []
            for client in clients { summaries.append(try await client.stop(switches: switches)) }
            return summaries
        } catch {
            for client in clients { _ = try await client.stop() }
            throw error
        }
    }

    /// Two switches at once, again and again: one is done, and the other one sees that or is told who is
    /// there.
    func expectOneWriterAtATime(losingNothing: Bool = true) async throws {
        let summary = try await underLoad { _ in
            for color in ["green", "blue", "green"] {
                async let one = run("switch", color, "--no-bake")
                async let other = run("switch", color, "--no-bake")
                let done = try await [one, other]
                #expect(done.contains { $0.status == 0 }, "\(done)")
                #expect(done.allSatisfy { [0, 30].contains($0.status) }, "\(done)")
                #expect(try await live() == color)
            }
            return []
        }
        if losingNothing { #expect(summary.errorCount == 0, "\(summary)") }
        let status = try await run("status")
        #expect(status.status == 0, "\(status)")
    }

    /// Changes some words of the pipeline file.
    func change(_ words: String, to others: String) throws {
        let pipeline = try folder.read("bluegreen.yaml")
        try folder.write(pipeline.replacing(words, with: others), to: "bluegreen.yaml")
    }

    /// Deploys, and rolls back, while users ask.
    func deployAndRollBack() async throws -> LoadSummary {
        try await underLoad { _ in
            let deployed = try await run("deploy", "2.1.0")
            #expect(deployed.status == 0, "\(deployed)")
            #expect(try await live() == "green")
            let back = try await run("rollback")
            #expect(back.status == 0, "\(back)")
            #expect(try await live() == "blue")
            return []
        }
    }

    /// Deploys by shares until everybody has the new release, and nobody lost a request.
    func expectCanaryPasses() async throws {
        let summary = try await underLoad { _ in
            let done = try await run("deploy", "2.1.0")
            #expect(done.status == 0, "\(done)")
            return []
        }
        #expect(summary.errorCount == 0, "\(summary)")
        #expect(try await answers(50) == ["green": 50])
    }

    /// Runs `bluegreen WORDS` while users ask who must notice nothing, and judges how it ended.
    func expectUntouched(by words: String..., status: Int32, says: String) async throws {
        let live = try await live()
        let summary = try await underLoad { client in
            let done = try await run(words)
            #expect(done.status == status, "\(done)")
            #expect(done.errors.contains(says), "\(done)")
            try await client.wait(for: 50)
            return []
        }
        #expect(summary.errorCount == 0, "\(summary)")
        #expect(summary.colors.keys.sorted() == [live].compactMap(\.self), "\(summary)")
    }

    /// Where whatever is asked at `socket` is of no use, nothing goes forward, and it is said. `lead` makes
    /// the pipeline ask at another path.
    func expectUntouched(
        asking socket: String, _ hold: RuntimeGate.Hold, says: String, lead: (String) throws -> Void
    ) async throws {
        let path = folder.file("gate.sock")
        try await RuntimeGate.open(before: socket, at: path) { gate in
            gate.hold("", hold)
            try lead(path)
            try await expectUntouched(
                by: "switch", "green", "--no-bake", status: 40, says: says)
            #expect(gate.hasStruck)
        }
    }
}

/// What a test needs of a line in the journal.
struct JournalLine: Decodable {
    /// What happened.
    let k: String
    /// Microseconds since boot.
    let bt: Int
    /// The epoch of the run.
    let e: Int
    let v: Values

    struct Values: Decodable {
        /// The process that a step has started; `nil` where this is not what happened.
        let spawned: Int32?

        private enum Key: CodingKey { case process, pid }

        init(from decoder: any Decoder) throws {
            // Every other line has values of another shape.
            let process = try? decoder.container(keyedBy: Key.self)
                .nestedContainer(keyedBy: Key.self, forKey: .process)
            spawned = try process?.decodeIfPresent(Int32.self, forKey: .pid)
        }
    }
}

extension String {
    var trimming: String { String(drop { $0.isWhitespace }.prefix { !$0.isWhitespace }) }
}
