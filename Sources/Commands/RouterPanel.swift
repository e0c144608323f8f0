import Contracts

/// Asking several routers at once.
enum RouterPanel {
    static func observe(
        _ routers: [RouterID: any Router]
    ) async -> [RouterID: Result<Observation, Failure>] {
        await withTaskGroup(of: (RouterID, Result<Observation, Failure>).self) { group in
            for (id, router) in routers {
                group.addTask {
                    do throws(Failure) {
                        return (id, .success(try await router.observe()))
                    } catch {
                        return (id, .failure(error))
                    }
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }
}
