package import Contracts

/// Asks several routers at once.
package enum RouterPanel {
    /// What each router says about itself, or why it says nothing.
    package static func observe(
        _ routers: [RouterID: any Router]
    ) async -> [RouterID: Result<Observation, Failure>] {
        await withTaskGroup(of: (RouterID, Result<Observation, Failure>).self) { group in
            for (id, router) in routers { group.addTask { (id, await ask(router)) } }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    // A function of its own: optimised by Swift 6.3.1, a child task whose closure holds
    // `do throws(…)` gives its result to nobody, and the group looks empty.
    private static func ask(_ router: any Router) async -> Result<Observation, Failure> {
        do throws(Failure) {
            return .success(try await router.observe())
        } catch {
            return .failure(error)
        }
    }
}
