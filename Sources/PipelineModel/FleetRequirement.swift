/// How many routers of a fleet must be reachable before traffic may move.
package enum FleetRequirement: Hashable, Sendable {
    case all
    /// At least so many: more than half of the fleet.
    case quorum(Int)

    package func needed(of routers: Int) -> Int {
        switch self {
        case .all: routers
        case .quorum(let count): count
        }
    }
}
