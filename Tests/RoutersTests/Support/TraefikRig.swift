import Contracts
import PipelineModel

@testable import Routers

/// Traefik under the contract of all routers: as a fake and real.
struct TraefikRig: RouterRig {
    let router: any Router
    let routerWithoutGreen: any Router
    private let traffic: () throws -> Color?
    private let again: () async throws -> Void

    static let kinds: [RouterRigKind] = {
        let fake = RouterRigKind(name: "fake traefik") {
            let fake = FakeTraefik()
            return TraefikRig(
                router: try fake.router(), routerWithoutGreen: try fake.router("other"),
                traffic: { fake.live }, again: {})
        }
        let real = RouterRigKind(name: "real traefik") {
            let traefik = try await RealTraefik()
            return TraefikRig(
                router: try traefik.router(), routerWithoutGreen: try traefik.router("other"),
                traffic: { try traefik.live() }, again: { try await traefik.restart() })
        }
        return RealTraefik.isWanted ? [fake, real] : [fake]
    }()

    func liveInTraffic() throws -> Color? { try traffic() }
    func restart() async throws { try await again() }
}
