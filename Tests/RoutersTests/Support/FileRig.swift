import Contracts
import PipelineModel
import TrafficRig

@testable import Routers

/// Plays a proxy that is switched by a file; proven by `RouterContract` beside the real one.
protocol FakeProxy: Sendable {
    /// Its section in a pipeline file.
    var settings: Settings { get }
    var world: World { get }
    /// What it would serve.
    var live: Color? { get }
}

/// A proxy that is switched by a file, under the contract of all routers: as a fake and real.
struct FileRig: RouterRig {
    let router: any Router
    let routerWithoutGreen: any Router
    let traffic: () throws -> Color?
    var again: () async throws -> Void = {}
    var isAtomic: Bool? = true

    static let kinds =
        ProxyKind.slots.flatMap { kind in
            rigs(kind, { FakeSlot() }, withoutGreen: ["slot": "/srv/none"], believed: true)
        }
        + rigs(
            .apache, { FakeApache() }, withoutGreen: ["map": "/srv/none/live.map"],
            believed: true)
        + rigs(
            .symlink, { FakeSite() }, withoutGreen: ["targets": ["green": "nowhere"]],
            believed: true)
        + rigs(.envoy, { FakeEnvoyRoutes() }, withoutGreen: ["name": "other"])
        + rigs(
            .envoyByLayer, { FakeEnvoy() }, as: "envoy by a layer",
            withoutGreen: ["name": "other"])
        + rigs(.traefik, { FakeTraefik() }, withoutGreen: ["name": "other"])

    /// nginx, where it reads a link when it is reloaded.
    static let reloaded = rigs(
        .reloadedNginx, { FakeReloadedNginx() }, as: "nginx by a reload",
        withoutGreen: ["reload": ["include": "/srv/none/live.conf"]], isAtomic: false)

    /// `believed`: it also works without being read back.
    private static func rigs(
        _ kind: ProxyKind, _ fake: @escaping @Sendable () -> any FakeProxy, as name: String? = nil,
        withoutGreen: Settings, believed: Bool = false, isAtomic: Bool = true
    ) -> [RouterRigKind] {
        (believed ? [[], ["readBack"]] : [[]]).flatMap { keys in
            let name = (name ?? kind.name) + (keys.isEmpty ? "" : ", believed")
            let fake = RouterRigKind(name: "fake \(name)") {
                let fake = fake()
                let settings = fake.settings.removing(keys)
                return FileRig(
                    router: try kind.router(settings, fake.world),
                    routerWithoutGreen: try kind.router(
                        settings.merging(withoutGreen), fake.world),
                    traffic: { fake.live }, isAtomic: isAtomic)
            }
            let real = RouterRigKind(name: "real \(name)") {
                let proxy = try await RealProxy(kind)
                let settings = proxy.settings.removing(keys)
                return FileRig(
                    router: try proxy.router(settings),
                    routerWithoutGreen: try proxy.router(settings.merging(withoutGreen)),
                    traffic: { try proxy.live() }, again: { try await proxy.rig.restart() },
                    isAtomic: isAtomic)
            }
            return kind.isWanted ? [fake, real] : [fake]
        }
    }

    func liveInTraffic() throws -> Color? { try traffic() }
    func restart() async throws { try await again() }
}
