package import Contracts

/// Asks several routers at once.
package enum RouterPanel {
    /// What each router says about itself, or why it says nothing.
    package static func observe(
        _ routers: [RouterID: any Router]
    ) async -> [RouterID: Result<Observation, Failure>] {
        await withTaskGroup(of: (RouterID, Result<Observation, Failure>).self) { group in
            for (id, router) in routers { group.addTask { (id, await router.look()) } }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }
}
