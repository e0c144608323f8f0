import Contracts
import PipelineModel

@testable import RunEngine

/// A router as a value.
struct GhostRouter: Hashable {
    var live: Color
    var token: Token
    /// What the other colour gets.
    var share: Int?
    /// A write that nobody answered and that may still arrive.
    var late: Datum?
    /// Left out: this run neither asks nor writes it.
    var isOut = false

    init(_ live: Color, _ token: Token = Token(epoch: 39, round: 1)) {
        self.live = live
        self.token = token
    }

    mutating func apply(_ datum: Datum) {
        guard datum.token > token else { return }
        (live, share, token) = (datum.live, datum.idlePercent, datum.token)
    }

    func changed(_ change: (inout GhostRouter) -> Void) -> GhostRouter {
        var copy = self
        change(&copy)
        return copy
    }

    /// Itself, and itself after the late write arrived.
    var possible: [GhostRouter] {
        guard let datum = late else { return [self] }
        let landed = changed {
            $0.late = nil
            $0.apply(datum)
        }
        return [self, landed]
    }

    /// Every way in which one write to it can end.
    func writes(_ datum: Datum) -> [(router: GhostRouter, result: WriteResult?)] {
        let applied = changed { $0.apply(datum) }
        let late = changed { $0.late = datum }
        let foreign = changed {
            ($0.live, $0.share, $0.token) = (live.other, nil, Token(epoch: 42, round: 1))
        }
        let failure = GhostFleet.failure
        return [
            (applied, .applied), (applied, .appliedNotDurable(failure)),
            (applied, .unknown(failure)), (self, .unknown(failure)), (late, .unknown(failure)),
            (self, .notApplied(failure)), (foreign, .refusedStale(foreign.token)),
        ]
    }
}
