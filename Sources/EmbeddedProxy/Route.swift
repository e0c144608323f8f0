import Atomics
package import Contracts

/// Where requests go: read once per request, replaced whole.
package struct Route: Hashable, Sendable {
    package var datum: Datum

    package init(datum: Datum) {
        self.datum = datum
    }
}

/// The one reference that every request reads. A request that is read after `replace(with:)` returned
/// sees the new route, on every event loop.
package final class Routing: Sendable {
    private let held: ManagedAtomic<Box>

    package init(_ route: Route) {
        held = ManagedAtomic(Box(route))
    }

    package var current: Route { held.load(ordering: .acquiring).route }

    package func replace(with route: Route) {
        held.store(Box(route), ordering: .releasing)
    }

    private final class Box: AtomicReference, Sendable {
        let route: Route
        init(_ route: Route) { self.route = route }
    }
}
