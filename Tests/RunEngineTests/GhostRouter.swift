import Contracts
import PipelineModel

@testable import RunEngine

/// A router as a value: what is true while the machine only hears answers.
struct GhostRouter: Hashable {
    var live: Color
    var token: Token
    /// A write that nobody answered and that may still arrive.
    var late: Datum?
    /// Another run moved traffic; what this run says about production is not held against it.
    var isForeign = false

    init(_ plan: RunPlan, showsOpenIntent: Bool = true) {
        token = Token(epoch: 39, round: 1)
        live = plan.entry == .baking ? plan.to : plan.from
        guard plan.entry == .confirming, showsOpenIntent else { return }
        (live, token) = (plan.to, plan.openToken ?? Token(epoch: 40, round: 2))
    }

    mutating func apply(_ datum: Datum) {
        guard datum.token > token else { return }
        (live, token) = (datum.live, datum.token)
    }

    mutating func landLate() {
        guard let datum = late else { return }
        late = nil
        apply(datum)
    }

    func changed(_ change: (inout GhostRouter) -> Void) -> GhostRouter {
        var copy = self
        change(&copy)
        return copy
    }

    /// Itself, and itself after the late write arrived.
    var possible: [GhostRouter] {
        late == nil ? [self] : [self, changed { $0.landLate() }]
    }
}

/// One way in which an action can end, and what is true then.
struct Ending {
    var event: RunEvent
    var ghost: GhostRouter
}

extension GhostRouter {
    private static let id = RouterID("haproxy")
    static let failure = Failure(.routerUnreachable, "It did not answer.")
    static let superseded = Failure(.superseded, "The router holds a newer token.")
    static let newerRun = Interruption.superseded(by: 42)

    /// Every event in which the action can end while this is true.
    func endings(of action: RunAction) -> [Ending] {
        switch action {
        case .record(let event): [Ending(event: event, ghost: self)]
        case .intend(let purpose, let datum): intent(purpose, datum)
        case .write(_, let datum): possible.flatMap { $0.writes(datum) }
        case .confirm(let datum): possible.flatMap { $0.readings(datum) }
        case .prove(let color): possible.flatMap { $0.proofs(color) }
        case .perform(let mark): steps(mark)
        case .check(let marks): marks.flatMap(steps)
        case .seal: same(.sealed(Release(version: "2.8.0")), .failed(Self.failure))
        case .preflight: same(.preflightPassed([:]), .failed(Self.failure)) + stale
        case .beginBake: same(.bakeBegan(.seconds(60)))
        case .bake: judgements
        case .probeWayBack: wayBacks
        case .closeTunnels(let color):
            same(.tunnelsClosed(color, nil), .tunnelsClosed(color, Self.failure))
        case .finish: []
        }
    }

    private func same(_ events: RunEvent...) -> [Ending] {
        events.map { Ending(event: $0, ghost: self) }
    }

    private var stale: [Ending] {
        let foreign = changed {
            $0.isForeign = true
            $0.live = $0.live.other
        }
        return [Ending(event: .failed(Self.superseded), ghost: foreign)]
    }

    private func intent(_ purpose: RunAction.Purpose, _ datum: Datum) -> [Ending] {
        let intent = Intent(datum: datum, from: .blue, recipes: [])
        return switch purpose {
        case .claim: same(.claimIntended(intent))
        case .switching: same(.switchIntended(intent))
        case .undo: same(.undoIntended(intent))
        case .rollback: same(.rollbackIntended(intent))
        case .retire: same(.retireIntended(intent))
        }
    }

    private func writes(_ datum: Datum) -> [Ending] {
        let applied = changed { $0.apply(datum) }
        let late = changed { $0.late = datum }
        func written(_ result: WriteResult, _ ghost: GhostRouter) -> Ending {
            Ending(event: .written([Self.id: result]), ghost: ghost)
        }
        return [
            written(.applied, applied), written(.appliedNotDurable(Self.failure), applied),
            written(.unknown(Self.failure), applied), written(.unknown(Self.failure), self),
            written(.unknown(Self.failure), late),
        ] + same(.failed(Self.failure)) + stale
    }

    private func readings(_ datum: Datum) -> [Ending] {
        let isShown = live == datum.live && token == datum.token
        return same(isShown ? .confirmed([:]) : .contradicted(Self.failure))
            + same(.unreadable(Self.failure))
            + stale.map { Ending(event: .contradicted(Self.superseded), ghost: $0.ghost) }
    }

    private func proofs(_ color: Color) -> [Ending] {
        let evidence = ProofEvidence(
            probes: 20, errors: 0, firstNew: nil, lastOld: nil, elapsed: .zero)
        let notProved = same(.notProved(evidence, Self.failure))
        return live == color ? same(.proved(evidence)) + notProved : notProved
    }

    private func steps(_ mark: StepMark) -> [Ending] {
        same(
            .stepEnded(mark, .succeeded(evidence: "exit 0", elapsed: .zero)),
            .stepEnded(mark, .failed(Self.failure, elapsed: .zero)))
            + (mark.phase == .check ? same(.stepEnded(mark, .skipped(reason: "known"))) : [])
    }

    private var judgements: [Ending] {
        [BakeVerdict.Judgement.passed, .failed, .inconclusive].flatMap {
            same(.bakeJudged(BakeVerdict($0, why: "errors 12%", samples: 3)))
        } + [Ending(event: .contradicted(Self.failure), ghost: changed { $0.live = $0.live.other })]
    }

    private var wayBacks: [Ending] {
        [true, false].flatMap {
            same(.wayBackProbed(WayBack(isBetter: $0, evidence: "blue: 0 of 5 failed")))
        } + same(.failed(Self.failure))
    }
}
