/// How many routers of a fleet must be reachable before traffic may move.
package enum FleetRequirement: Hashable, Sendable {
    case all
    /// At least so many: more than half of the fleet.
    case quorum(Int)

    /// With half of the fleet or less, two parts could each go their own way.
    static func isQuorum(_ count: Int, of routers: Int) -> Bool {
        count * 2 > routers && count <= routers
    }

    package func needed(of routers: Int) -> Int {
        switch self {
        case .all: routers
        case .quorum(let count): count
        }
    }
}
