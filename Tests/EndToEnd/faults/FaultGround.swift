import FoundationEssentials
import Testing
import TrafficRig

/// A scene that is set back to the same situation before every fault.
struct FaultGround {
    let scene: any Production
    let router: any FaultRouter
    let situation: FaultSituation
    /// What stands before each HAProxy; none before another proxy.
    let gates: [HAProxyGates]
    /// What the router held in this situation.
    private let held: [String: String]

    private static let record = ".bluegreen"
    private static let copy = "record-before"

    /// Brings a shop into `situation`, and runs `body` on it.
    static func open(
        _ situation: FaultSituation, _ kind: FaultRouterKind = .map, bake: String = "",
        _ body: (FaultGround) async throws -> Void
    ) async throws {
        let pipeline = PipelineText(deploy: Leftovers.watchedDeploy, bake: bake)
        switch kind {
        case .map:
            try await Scene.openGated(pipeline) { scene, gate in
                let router = MapOfHAProxy(haproxy: scene.shop.haproxy)
                let gates = HAProxyGates(runtime: gate, register: nil)
                try await open(situation, scene, router, [gates], body)
            }
        case .register:
            try await Scene.open(.register(), pipeline) { scene in
                let haproxy = scene.shop.haproxy
                try await HAProxyGates.open(before: haproxy, .register()) { gates in
                    try scene.write(pipeline.through(gates), .register())
                    let router = RegisterOfHAProxy(haproxy: haproxy)
                    try await open(situation, scene, router, [gates], body)
                }
            }
        case .nginx:
            try await ProxyScene.open(.nginx, pipeline) { scene in
                try await open(situation, scene, SlotOfProxy(proxy: scene.proxy), [], body)
            }
        case .reload:
            try await ProxyScene.open(.reloadedNginx, pipeline) { scene in
                try await open(situation, scene, LinkOfNginx(nginx: scene.proxy), [], body)
            }
        case .caddy:
            try await ProxyScene.open(.caddy, pipeline) { scene in
                try await open(situation, scene, SlotOfProxy(proxy: scene.proxy), [], body)
            }
        case .exec:
            try await ProxyScene.open(.nginx, pipeline) { scene in
                try scene.useTool(pipeline)
                try await open(situation, scene, SlotOfProxy(proxy: scene.proxy), [], body)
            }
        }
    }

    /// The same with several HAProxys.
    static func open(
        _ situation: FaultSituation, fleet number: Int, _ body: (FaultGround) async throws -> Void
    ) async throws {
        let pipeline = PipelineText(deploy: Leftovers.watchedDeploy)
        try await FleetScene.openGatedEverywhere(pipeline, count: number) { scene, gates in
            try await open(situation, scene, scene.router, gates, body)
        }
    }

    private static func open(
        _ situation: FaultSituation, _ scene: some Production, _ router: some FaultRouter,
        _ gates: [HAProxyGates], _ body: (FaultGround) async throws -> Void
    ) async throws {
        try Leftovers(folder: scene.folder).prepare()
        try await scene.succeed("deploy", "2.0.0")
        try await scene.leave(situation, router, gates.last?.runtime)
        try FileManager.default.copyItem(
            atPath: scene.folder.file(record), toPath: scene.folder.file(copy))
        try await body(
            FaultGround(
                scene: scene, router: router, situation: situation, gates: gates,
                held: try router.held()))
    }

    /// Before the runtime API of the only HAProxy, or of the last one; only a map is written through it.
    var gate: RuntimeGate {
        get throws { try #require(gates.last).runtime }
    }

    /// The situation again, byte for byte.
    func reset() throws {
        let files = FileManager.default
        let (record, copy) = (scene.folder.file(Self.record), scene.folder.file(Self.copy))
        // The folder itself stays: something may be mounted on it.
        for name in try files.contentsOfDirectory(atPath: record) {
            try files.removeItem(atPath: "\(record)/\(name)")
        }
        for name in try files.contentsOfDirectory(atPath: copy) {
            try files.copyItem(atPath: "\(copy)/\(name)", toPath: "\(record)/\(name)")
        }
        try router.hold(held)
    }

    /// HAProxy comes back from where somebody had put the old colour.
    func bootWithOldColor(_ haproxy: HAProxyRig) async throws {
        await haproxy.stop()
        try router.holdFile(held)
        try await haproxy.restart()
    }

    /// Every file of the record, and what the router holds.
    func everything() throws -> [String: Data] {
        let record = scene.folder.file(Self.record)
        var all = try router.held().mapValues { Data($0.utf8) }
        for path in try FileManager.default.subpathsOfDirectory(atPath: record) {
            // A folder has no contents, only a name.
            all[path] = (try? Data(contentsOf: URL(filePath: "\(record)/\(path)"))) ?? Data()
        }
        return all
    }

    /// The folder in which the records of all services are.
    var recordFolder: String { scene.folder.file(Self.record) }

    /// The colour that answers users, and that the router names.
    func live() async throws -> String {
        let named = try router.colors().now
        let seen = try await scene.live() ?? "nobody"
        guard named == seen || named == "split" else {
            throw RigFailure("\(seen) answers, but \(named) is named")
        }
        return named
    }
}

extension Production {
    /// Runs the commands that come before `situation`.
    fileprivate func leave(
        _ situation: FaultSituation, _ router: some FaultRouter, _ gate: RuntimeGate?
    ) async throws {
        switch situation {
        case .rollingBack, .deploying: break
        case .switching: try await succeed("deploy", "2.1.0", "--until", "ready")
        case .aborting: try await killedInStep()
        case .resuming: try await killedInSwitch(router, #require(gate))
        }
    }

    private func killedInStep() async throws {
        let pipeline = try folder.read("bluegreen.yaml")
        let endless = pipeline.replacing(
            Leftovers.watchedDeploy, with: PipelineText.endlessDeploy)
        try folder.write(endless, to: "bluegreen.yaml")
        try await beside("deploy", "2.1.0") { process in
            let step = try await endlessStep()
            try await until("stepSpawned")
            process.killAtOnce()
            // With its supervisor: the step is gone when this returns.
            try await eventually("the end of the step") { !isAlive(step) }
        }
        try folder.write(pipeline, to: "bluegreen.yaml")
    }

    /// HAProxy has obeyed the switch, its writer did not live to hear it.
    private func killedInSwitch(
        _ router: some FaultRouter, _ gate: RuntimeGate
    ) async throws {
        gate.hold("shop blue:", .afterHAProxy)
        try await beside("deploy", "2.1.0") { process in
            try await gate.waitUntilHolding()
            try await eventually("the others to obey") {
                try router.names().allSatisfy { $0 == "blue" }
            }
            process.killAtOnce()
        }
        gate.forget()
    }

    fileprivate func succeed(_ words: String...) async throws {
        let done = try await run(words)
        guard done.status == 0 else { throw RigFailure("\(words): \(done)") }
    }
}
