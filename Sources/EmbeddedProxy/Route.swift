import Atomics
package import Contracts

/// Where requests go: read once per request, replaced whole.
package struct Route: Hashable, Sendable {
    package var datum: Datum
    /// Sends a part of the requests to the idle colour.
    package var split: Split?
    /// New requests are held, up to a limit, until a route that is not paused takes its place.
    package var isPaused: Bool

    package init(datum: Datum, split: Split? = nil, isPaused: Bool = false) {
        self.datum = datum
        self.split = split
        self.isPaused = isPaused
    }
}

/// Which requests go to idle although the other colour is live.
package struct Split: Hashable, Sendable {
    /// 0...100; what is outside counts as the nearest of the two.
    package var idlePercent: Int
    /// Requests that match go to idle, whatever the percentage.
    package var match: HeaderMatch?

    package init(idlePercent: Int = 0, match: HeaderMatch? = nil) {
        self.idlePercent = min(max(idlePercent, 0), 100)
        self.match = match
    }
}

/// A header field or a cookie that must have exactly this value.
package struct HeaderMatch: Hashable, Sendable {
    package enum Place: String, Hashable, Sendable {
        case header
        case cookie
    }

    package var place: Place
    /// Header names are compared without case, cookie names with it.
    package var name: String
    package var value: String

    package init(_ place: Place, name: String, value: String) {
        self.place = place
        self.name = name
        self.value = value
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
