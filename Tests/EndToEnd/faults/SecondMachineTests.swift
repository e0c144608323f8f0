import FoundationEssentials
import Testing
import TrafficRig

/// What the first machine, or the second one, lacks while somebody rolls back from the second.
private enum Lack: String, CaseIterable, CustomStringConvertible {
    case nothing
    case record = "the first has lost its record"
    case readableRecord = "the first has a damaged record"
    case pipeline = "the first has lost its pipeline"
    case soundPipeline = "the first has garbage for a pipeline"
    case freeLock = "a stopped process of the first has the lock"
    case room = "the second has a full disk"
    case rightToWrite = "the second may not write"
    case clock = "the second lives ten years ago"

    var description: String { rawValue }

    static let tenYearsAgo = [
        "env", "LD_PRELOAD=\(Products.clockShift)", "CLOCK_SHIFT=-315360000",
    ]
}

extension FaultSuite {
    /// A second machine with nothing but the binary and the router's address: no record, no pipeline, no
    /// names, in a network of its own.
    @Suite(.serialized, .needsRoot)
    struct SecondMachineTests {
        @Test(arguments: Lack.allCases, FaultRouterKind.ofHAProxy)
        fileprivate func `a rollback from a second machine needs only the router's address`(
            lack: Lack, kind: FaultRouterKind
        ) async throws {
            try await FaultSample.one("second machine \(kind)", lack) { wrong in
                try await SecondMachine.open(kind) { second in
                    try await second.lacking(lack) {
                        let done = try await second.rollBack(
                            after: lack == .clock ? Lack.tenYearsAgo : [])
                        let isUnrecorded = lack == .room || lack == .rightToWrite
                        if done.status != (isUnrecorded ? 74 : 0) { wrong.append("\(done)") }
                        let live = try await second.ground.live()
                        if live != "blue" { wrong.append("\(live) is live") }
                    }
                    guard lack != .record else { return }
                    // The first machine asks the router, and does not insist on what it wrote down.
                    let status = try await second.ground.scene.run(
                        "status", "-o", "json", "--service", "shop")
                    let answer = try JSONDecoder().decode(
                        StatusAnswer.self, from: Data(status.output.utf8))
                    if answer.routers.map(\.now) != ["blue"] || answer.exit == 0 {
                        wrong.append("\(status)")
                    }
                }
            }
        }

        @Test(arguments: FaultRouterKind.ofHAProxy)
        func `a second machine refuses to go to what the first has half deployed`(
            kind: FaultRouterKind
        ) async throws {
            try await FaultSample.one("second machine \(kind)", "half deployed") { wrong in
                try await SecondMachine.open(kind) { second in
                    let scene = second.ground.scene
                    try scene.change(Leftovers.watchedDeploy, to: PipelineText.endlessDeploy)
                    try await scene.beside("deploy", "2.1.0") { deploy in
                        _ = try await scene.endlessStep()
                        let done = try await second.rollBack()
                        if done.status != 21 || !done.errors.contains("blue is claimed") {
                            wrong.append("\(done)")
                        }
                        let live = try await second.ground.live()
                        if live != "green" { wrong.append("\(live) is live") }
                        deploy.killAtOnce()
                    }
                }
            }
        }

        @Test func `a second machine turns the router that it reaches and names the other`()
            async throws
        {
            try await FaultSample.one("second machine", "one of two is stopped") { wrong in
                try await FleetScene.open(count: 2) { scene in
                    try await scene.switches(to: "green")
                    await scene.last.stop()
                    try await OtherHost.open { host in
                        let socket = scene.proxies[0].socket
                        try await RuntimeGate.open(before: socket, on: host.here) { gate in
                            let nobody = gate.path.replacing(#/:\d+$/#, with: ":9")
                            let done = try await rollBack(
                                scene, [gate.path, nobody], from: host)
                            if done.status != 20 || !done.errors.contains("lb-2") {
                                wrong.append("\(done)")
                            }
                        }
                    }
                    let live = try scene.router.members[0].colors().now
                    if live != "blue" { wrong.append("\(live) is live") }
                }
            }
        }

        @Test(arguments: [RuntimeGate.Hold.beforeHAProxy, .garbled])
        func `a second machine turns one router beside one that hangs or answers garbage`(
            hold: RuntimeGate.Hold
        ) async throws {
            try await FaultSample.one("second machine", "one of two: \(hold)") { wrong in
                try await FleetScene.open(count: 2) { scene in
                    try await scene.switches(to: "green")
                    let (one, other) = (scene.proxies[0].socket, scene.proxies[1].socket)
                    try await OtherHost.open { host in
                        try await RuntimeGate.open(before: one, on: host.here) { gate in
                            try await RuntimeGate.open(before: other, on: host.here) { bad in
                                bad.hold("", hold)
                                let done = try await rollBack(
                                    scene, [gate.path, bad.path], from: host)
                                if done.status != 20 || !done.errors.contains("lb-2") {
                                    wrong.append("\(done)")
                                }
                                if !bad.hasStruck { wrong.append("lb-2 was not asked") }
                            }
                        }
                    }
                    let live = try scene.router.members[0].colors().now
                    if live != "blue" { wrong.append("\(live) is live") }
                }
            }
        }

        @Test(arguments: FaultRouterKind.ofHAProxy)
        func `a second machine goes on where one of two routers is not there`(
            kind: FaultRouterKind
        ) async throws {
            try await FaultSample.one("second machine \(kind)", "one of two is nobody") { wrong in
                try await SecondMachine.open(kind) { second in
                    let done = try await second.rollBackBesideNobody()
                    if done.status != 20 || !done.errors.contains("lb-2") {
                        wrong.append("\(done)")
                    }
                    let live = try await second.ground.live()
                    if live != "blue" { wrong.append("\(live) is live") }
                }
            }
        }

        private func rollBack(
            _ scene: FleetScene, _ addresses: [String], from host: OtherHost
        ) async throws -> FinishedProcess {
            let routers = zip(addresses, scene.proxies).enumerated().map {
                #""lb-\#($0 + 1)": {"haproxy": {"address": "\#($1.0)", "map": "\#($1.1.mapFile)", "key": "shop"}}"#
            }
            let settings = #"{"routers": {\#(routers.joined(separator: ", "))}}"#
            let folder = scene.folder.file("second")
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: false)
            return try await ChildProcess.run(
                host.prefix + [
                    Products.bluegreen, "rollback", "--to", "blue", "--service", "shop",
                    "--router-settings", settings, "--state", folder,
                ], directory: folder)
        }
    }
}

/// The second of two machines, and what they share: the router. Green is live, blue is the way back.
private struct SecondMachine {
    let ground: FaultGround
    let host: OtherHost
    /// As the second machine reaches it.
    let haproxy: OpenedHAProxy

    static func open(
        _ kind: FaultRouterKind, _ body: (SecondMachine) async throws -> Void
    ) async throws {
        try await FaultGround.open(.rollingBack, kind) { ground in
            let haproxy = try #require(ground.scene as? Scene).shop.haproxy
            try await OtherHost.open { host in
                try await OpenedHAProxy.open(haproxy, kind, on: host.here) { opened in
                    let second = SecondMachine(ground: ground, host: host, haproxy: opened)
                    try FileManager.default.createDirectory(
                        atPath: second.folder, withIntermediateDirectories: false)
                    try await body(second)
                }
            }
        }
    }

    private var folder: String { ground.scene.folder.file("second") }

    /// `prefix` are the words before the command.
    func rollBack(after prefix: [String] = []) async throws -> FinishedProcess {
        try await patiently { try await rollBack(haproxy.settings, after: prefix) }
    }

    /// One of a fleet of two, of which the other one is not there.
    func rollBackBesideNobody() async throws -> FinishedProcess {
        let nobody = haproxy.settings.replacing(#/:\d+"/#, with: #":9""#)
        return try await rollBack(
            #"{"routers": {"lb-1": \#(haproxy.settings), "lb-2": \#(nobody)}}"#)
    }

    private func rollBack(
        _ settings: String, after prefix: [String] = []
    ) async throws -> FinishedProcess {
        try await ChildProcess.run(
            host.prefix + prefix + [
                Products.bluegreen, "rollback", "--to", "blue", "--service", "shop",
                "--router-settings", settings, "--state", folder,
            ], directory: folder)
    }

    func lacking(_ lack: Lack, _ body: () async throws -> Void) async throws {
        let scene = ground.scene
        switch lack {
        case .nothing, .clock: try await body()
        case .record:
            try FileManager.default.removeItem(atPath: scene.record)
            try await body()
        case .readableRecord:
            let journal = try ground.newestJournal()
            var bytes = Array(try Data(contentsOf: journal))
            bytes[bytes.count / 2] ^= 1
            try Data(bytes).write(to: journal)
            try await body()
        case .pipeline:
            try FileManager.default.removeItem(atPath: scene.folder.file("bluegreen.yaml"))
            try await body()
        case .soundPipeline:
            try scene.folder.write("router: [\n\t{{{ not yaml", to: "bluegreen.yaml")
            try await body()
        case .freeLock: try await scene.holdingLock(body)
        case .room: try await full(.free(0), body)
        case .rightToWrite: try await full(.readOnly, body)
        }
    }

    private func full(_ state: SmallDisk.State, _ body: () async throws -> Void) async throws {
        try await SmallDisk.mount(on: folder) { disk in
            try await disk.set(state)
            try await body()
        }
    }
}
