import FoundationEssentials
import Testing
import TrafficRig

/// When a machine is cut off from the router, after it was stopped at `moment`.
private struct Cut: CustomStringConvertible {
    let moment: Injection
    /// The cable is back before the machine goes on; else only when it has given up.
    let isShort: Bool

    var description: String { "\(isShort ? "short" : "long") cut at \(moment.call)" }
}

extension FaultSuite {
    /// Two machines and a router between them. The second one has only the binary and the router's
    /// address: no record, no pipeline.
    @Suite(.serialized, .needsRoot)
    struct TwoHostsTests {
        private static let command = ["switch", "green", "--no-bake"]

        @Test(arguments: FaultRouterKind.ofHAProxy)
        func `a rollback from a second machine works while the first is cut off`(
            kind: FaultRouterKind
        ) async throws {
            try await Scene.open(kind.mechanism) { scene in
                try await OtherHost.open { other in
                    try await OpenedHAProxy.open(scene.shop.haproxy, kind, on: other.here) {
                        try await play(
                            TwoHosts(scene: scene, other: other, haproxy: $0),
                            FaultSample(kind == .map ? "two hosts" : "two hosts \(kind)"))
                    }
                }
            }
        }

        private func play(_ hosts: TwoHosts, _ sample: FaultSample) async throws {
            try hosts.prepare()
            let held = try hosts.router.held()
            let calls = try await Injection.calls(
                of: Self.command, in: hosts.scene, prefix: hosts.other.prefix
            ) { $0.contains("/.bluegreen/") || $0.contains("<socket:") }
            let all = calls.flatMap { call in
                var moment = Injection(call, "signal=STOP")
                moment.prefix = hosts.other.prefix
                return [true, false].map { Cut(moment: moment, isShort: $0) }
            }
            for cut in sample.cases(of: all) {
                try hosts.reset(held)
                try await play(cut, hosts, sample)
            }
            sample.report()
        }

        private func play(_ cut: Cut, _ hosts: TwoHosts, _ sample: FaultSample) async throws {
            var wrong: [String] = []
            let (ending, isHit) = try await cut.moment.pause(Self.command, in: hosts.scene) { _ in
                try await hosts.other.cut()
                wrong += try await hosts.rollBack()
                if cut.isShort { try await hosts.other.heal() }
            }
            try await hosts.other.heal()
            let real = try hosts.router.colors().now
            // It may have looked for the last time before; then its status has to say it.
            if ending.status == 0, real != "green", try await hosts.status().exit == 0 {
                wrong.append("\(real) after \(ending), and status is 0")
            }
            wrong += FaultGround.crashes(ending)
            wrong += try await hosts.lies()
            wrong += try await hosts.rollBack()
            wrong += try await hosts.lies()
            sample.note(cut, hit: isHit, wrong: wrong)
        }
    }
}

/// What the two machines share: the router, and nothing else.
private struct TwoHosts {
    let scene: Scene
    let other: OtherHost
    /// As both reach it.
    let haproxy: OpenedHAProxy

    var router: any FaultRouter { haproxy.router }
    private static let second = "second"

    /// The first machine has a pipeline, the second an empty folder.
    func prepare() throws {
        let text = """
            apiVersion: bluegreen/v1
            service: shop
            colors:
              blue: {url: "\(scene.blue.url)"}
              green: {url: "\(scene.green.url)"}
            router: \(haproxy.settings)
            switch: {prove: readBack}

            """
        try scene.folder.write(text, to: "bluegreen.yaml")
    }

    func reset(_ held: [String: String]) throws {
        let files = FileManager.default
        for name in [".bluegreen", Self.second] where files.fileExists(atPath: path(name)) {
            try files.removeItem(atPath: path(name))
        }
        try files.createDirectory(atPath: path(Self.second), withIntermediateDirectories: false)
        try router.hold(held)
    }

    private func path(_ name: String) -> String { scene.folder.file(name) }

    /// From the second machine.
    func rollBack() async throws -> [String] {
        let done = try await patiently {
            try await onSecond("rollback", "--to", "blue", "--router-settings", haproxy.settings)
        }
        var wrong = done.status == 0 ? [] : ["rollback: \(done)"]
        if try router.colors().now != "blue" { wrong.append("rollback moved nothing: \(done)") }
        return wrong
    }

    private func onSecond(_ words: String...) async throws -> FinishedProcess {
        try await ChildProcess.run(
            [Products.bluegreen] + words + ["--service", "shop", "--state", path(Self.second)],
            directory: path(Self.second))
    }

    /// What `status` says on the first machine that is not so.
    func lies() async throws -> [String] {
        let (named, real) = (try await status().routers.first?.now, try router.colors().now)
        return named == real ? [] : ["status names \(named ?? "nobody"), \(real) is live"]
    }

    func status() async throws -> StatusAnswer {
        let done = try await ChildProcess.run(
            other.prefix + [Products.bluegreen, "status", "-o", "json"],
            directory: scene.folder.path)
        return try JSONDecoder().decode(StatusAnswer.self, from: Data(done.output.utf8))
    }
}
