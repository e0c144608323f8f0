import Contracts

/// Asking several routers at once.
enum RouterPanel {
    static func observe(
        _ routers: [RouterID: any Router]
    ) async -> [RouterID: Result<Observation, Failure>] {
        await withTaskGroup(of: (RouterID, Result<Observation, Failure>).self) { group in
            for (id, router) in routers { group.addTask { (id, await router.look()) } }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }
}
