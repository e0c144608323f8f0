package import PipelineModel

/// What one router says about itself right now: asked, never remembered.
package struct Observation: Hashable, Codable, Sendable {
    /// A place where a colour is expected.
    package enum Sighting: Hashable, Codable, Sendable {
        case color(Color)
        /// The colour that most requests go to, and how many of 100 go to the other one: 1 to 99.
        case shared(Color, idlePercent: Int)
        /// Something that is neither blue nor green, as the router gave it.
        case foreign(String)
        /// The datum does not exist (yet).
        case absent
    }

    /// What the router would use after a reload or restart.
    package enum Durable: Hashable, Codable, Sendable {
        /// The same as now.
        case same
        case differs(Sighting)
        /// It cannot be read from here; the text says why.
        case unknown(String)
    }

    /// Decides about requests that arrive now.
    package var effective: Sighting
    package var durable: Durable
    /// `nil` where the router keeps no token (plain values, or never written by us).
    package var token: Token?
    /// The idle environment is about to change: it is no way back.
    package var isIdleClaimed: Bool
    /// Router processes that still serve older connections with an older configuration; `nil` where
    /// they cannot be counted from here.
    package var oldWorkers: Int?
    /// What the router knows about the servers behind each colour; empty where it cannot know.
    package var pools: [Color: Pool]
    /// Why the router itself was not asked, and what is written for it is believed; absent: it was.
    package var unasked: String?
    /// Why what it keeps now has no place for a share; absent: it has one, or its kind never has.
    package var sharesNothing: Failure?
    /// Why it cannot send traffic to a colour, whatever is written; absent: it can, as far as it knows.
    package var missing: [Color: Failure]?

    package init(
        effective: Sighting, durable: Durable = .same, token: Token? = nil,
        isIdleClaimed: Bool = false, oldWorkers: Int? = nil, pools: [Color: Pool] = [:],
        unasked: String? = nil, sharesNothing: Failure? = nil,
        missing: [Color: Failure]? = nil
    ) {
        self.effective = effective
        self.durable = durable
        self.token = token
        self.isIdleClaimed = isIdleClaimed
        self.oldWorkers = oldWorkers
        self.pools = pools
        self.unasked = unasked
        self.sharesNothing = sharesNothing
        self.missing = missing
    }

    package var color: Color? {
        guard case .color(let color) = effective else { return nil }
        return color
    }
}

/// The servers of one colour as the router sees them.
package struct Pool: Hashable, Codable, Sendable {
    package var serversUp: Int
    package var serversInAll: Int
    /// Requests and connections under way.
    package var inFlight: Int

    package init(serversUp: Int, serversInAll: Int, inFlight: Int = 0) {
        self.serversUp = serversUp
        self.serversInAll = serversInAll
        self.inFlight = inFlight
    }
}

/// What is known of one router when a run cannot verify where it left traffic.
package struct RouterSurvey: Hashable, Codable, Sendable {
    package var fencing: Fencing
    /// Absent where the router could not be read.
    package var seen: Observation?
    /// What became of it: `written`, `refused: ...`, `not written: ...`
    package var happened: String

    package init(fencing: Fencing, seen: Observation?, happened: String) {
        self.fencing = fencing
        self.seen = seen
        self.happened = happened
    }
}
