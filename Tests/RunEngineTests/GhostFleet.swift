import Contracts
import PipelineModel

@testable import RunEngine

/// Routers as values: what is true while the machine only hears answers.
struct GhostFleet: Hashable {
    var routers: [GhostRouter]
    /// Another run moved traffic; what this run says about production is not held against it.
    var isForeign = false

    init(_ routers: [GhostRouter]) { self.routers = routers }

    /// Those that this run writes.
    var part: [GhostRouter] { routers.filter { !$0.isOut } }

    func changed(_ change: (inout GhostFleet) -> Void) -> GhostFleet {
        var copy = self
        change(&copy)
        return copy
    }

    /// Itself, and itself after each late write that may have arrived.
    var possible: [GhostFleet] {
        combinations { $0.possible }.map { routers in changed { $0.routers = routers } }
    }

    private func combinations<Choice>(
        _ choices: (GhostRouter) -> [Choice]
    ) -> [[Choice]] {
        routers.reduce([[]]) { lists, router in
            choices(router).flatMap { choice in lists.map { $0 + [choice] } }
        }
    }

    private static func id(_ index: Int) -> RouterID { RouterID("lb-\(index + 1)") }

    private var leftOut: [RouterID: String]? {
        let out = routers.indices.filter { routers[$0].isOut }
        guard !out.isEmpty else { return nil }
        return Dictionary(uniqueKeysWithValues: out.map { (Self.id($0), "It did not answer.") })
    }
}

/// One way in which an action can end, and what is true then.
struct Ending {
    var event: RunEvent
    var ghost: GhostFleet
}

extension GhostFleet {
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
        case .preflight: preflights + same(.failed(Self.failure)) + stale
        case .beginBake: same(.bakeBegan(.seconds(60)))
        case .bake: judgements(RunEvent.bakeJudged)
        case .watchShare: judgements(RunEvent.canaryJudged)
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
            for index in $0.routers.indices {
                $0.routers[index].live = $0.routers[index].live.other
            }
        }
        return [Ending(event: .failed(Self.superseded), ghost: foreign)]
    }

    /// All take part, or the last one of several cannot be reached and is left out.
    private var preflights: [Ending] {
        let all = changed { fleet in
            for index in fleet.routers.indices { fleet.routers[index].isOut = false }
        }
        let most = all.changed { $0.routers[$0.routers.count - 1].isOut = true }
        return (routers.count > 1 ? [all, most] : [all]).map { ghost in
            let seen = ghost.routers.enumerated().filter { !$0.element.isOut }.map {
                (Self.id($0.offset), Observation(effective: .color($0.element.live)))
            }
            return Ending(
                event: .preflightPassed(Dictionary(uniqueKeysWithValues: seen)), ghost: ghost)
        }
    }

    private func intent(_ purpose: RunAction.Purpose, _ datum: Datum) -> [Ending] {
        let intent = Intent(datum: datum, from: .blue, recipes: [], leftOut: leftOut)
        return switch purpose {
        case .claim: same(.claimIntended(intent))
        case .canary: same(.canaryIntended(intent))
        case .switching: same(.switchIntended(intent))
        case .undo: same(.undoIntended(intent))
        case .rollback: same(.rollbackIntended(intent))
        case .level: same(.levelIntended(intent))
        case .retire: same(.retireIntended(intent))
        }
    }

    /// Each router answers in each way; what the run makes of them is what the runner makes of them.
    private func writes(_ datum: Datum) -> [Ending] {
        combinations { $0.isOut ? [($0, nil)] : $0.writes(datum) }.map { choices in
            let ghost = changed { $0.routers = choices.map(\.router) }
            var results: [RouterID: WriteResult] = [:]
            for (index, choice) in choices.enumerated() { results[Self.id(index)] = choice.result }
            let refusal = WriteRefusal(results: results)
            guard let failure = refusal.failure else {
                return Ending(event: .written(results), ghost: ghost)
            }
            return Ending(
                event: .failed(failure),
                ghost: ghost.changed { $0.isForeign = !refusal.tokens.isEmpty })
        }
    }

    private func readings(_ datum: Datum) -> [Ending] {
        let isShown = part.allSatisfy {
            $0.live == datum.live && $0.share == datum.idlePercent && $0.token == datum.token
        }
        return same(isShown ? .confirmed([:]) : .contradicted(Self.failure))
            + same(.unreadable(Self.failure))
            + stale.map { Ending(event: .contradicted(Self.superseded), ghost: $0.ghost) }
    }

    /// With luck, one router alone answers every probe.
    private func proofs(_ color: Color) -> [Ending] {
        let evidence = ProofEvidence(
            probes: 20, errors: 0, firstNew: nil, lastOld: nil, elapsed: .zero)
        let notProved = same(.notProved(evidence, Self.failure))
        return part.contains { $0.live == color || $0.share != nil }
            ? same(.proved(evidence)) + notProved : notProved
    }

    private func steps(_ mark: StepMark) -> [Ending] {
        same(
            .stepEnded(mark, .succeeded(evidence: "exit 0", elapsed: .zero)),
            .stepEnded(mark, .failed(Self.failure, elapsed: .zero)))
            + (mark.phase == .check ? same(.stepEnded(mark, .skipped(reason: "known"))) : [])
    }

    private func judgements(_ judged: (BakeVerdict) -> RunEvent) -> [Ending] {
        let drifted = changed { $0.routers[0].live = $0.routers[0].live.other }
        return [BakeVerdict.Judgement.passed, .failed, .inconclusive].flatMap {
            same(judged(BakeVerdict($0, why: "errors 12%", samples: 3)))
        } + [Ending(event: .contradicted(Self.failure), ghost: drifted)]
    }

    private var wayBacks: [Ending] {
        [true, false].flatMap {
            same(.wayBackProbed(WayBack(isBetter: $0, evidence: "blue: 0 of 5 failed")))
        } + same(.failed(Self.failure))
    }
}
