package import Contracts
package import PipelineModel

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

    /// The colour that enough routers show, where no other that is up to date shows another one.
    ///
    /// A minority never counts, whatever it shows; one that is `behind` says nothing about the rest.
    package static func color(
        of seen: [RouterID: Result<Observation, Failure>], _ requirement: FleetRequirement,
        behind: Set<RouterID>
    ) -> Color? {
        var showing: [Color: Int] = [:]
        for (id, result) in seen {
            // One that cannot be read is missed in the count.
            guard case .success(let observation) = result else { continue }
            if let color = observation.color {
                showing[color, default: 0] += 1
            } else if !behind.contains(id) {
                return nil
            }
        }
        let needed = max(1, requirement.needed(of: seen.count))
        guard let (color, _) = showing.first(where: { $0.value >= needed }) else { return nil }
        let isDisputed = seen.contains { id, result in
            guard case .success(let observation) = result else { return false }
            return observation.color != color && !behind.contains(id)
        }
        return isDisputed ? nil : color
    }
}
