import Console
import Contracts
import PipelineModel

/// May the idle environment be given up? Pure.
struct RetireRules {
    let situation: Situation
    let live: Color
    let after: Duration
    let isForced: Bool
    /// How long the live colour has been live.
    let liveFor: Duration?

    func judge() throws(Failure) {
        // What cannot be read may still send traffic there.
        if let failure = situation.firstFailure { throw failure }
        for (id, observation) in situation.observations.sorted(by: { $0.key < $1.key }) {
            guard observation.color != live.other else {
                throw Failure(
                    .drift, "\(id) still shows \(live.other): it must stay.",
                    hint: "Bring it level first: 'bluegreen resume'.")
            }
            guard case .differs(let sighting) = observation.durable else { continue }
            throw Failure(
                .drift,
                "\(id) would show \(StatusWords.sighting(sighting)) after a reload: it must stay.",
                hint: "Mend that first: 'bluegreen adopt'.")
        }
        let underWay = situation.observations.values.reduce(0) {
            $0 + ($1.pools[live.other]?.inFlight ?? 0)
        }
        guard underWay == 0 || isForced else {
            throw Failure(
                .refused,
                (underWay == 1
                    ? "1 request or connection is" : "\(underWay) requests or connections are")
                    + " still under way on \(live.other).",
                hint: "Wait for them, or cut them with --now --reason TEXT.")
        }
        guard isForced || situation.record.live != nil else {
            throw Failure(
                .refused,
                "No run has made \(live) live: nobody knows that what runs on \(live.other) is old.",
                hint: "Deploy first, or stop it all the same with --now --reason TEXT.")
        }
        guard !isForced else { return }
        try judgeUse()
        guard situation.record.wayBack == live.other, let age = liveFor, age < after else { return }
        throw Failure(
            .refused,
            "\(live.other) stays a way back for \((after - age).worded) more (retire.after).",
            hint: "Wait, or pass --now --reason TEXT.")
    }

    /// However long it has been idle, it may be what is needed next.
    private func judgeUse() throws(Failure) {
        let idle = live.other
        if let ready = situation.record.ready, ready.color == idle {
            throw Failure(
                .refused, "\(idle) \(ready.release.version) is ready to switch: it is not old.",
                hint: "Switch to it, or deploy over it; or stop it all the same with"
                    + " --now --reason TEXT.")
        }
        if let verdict = situation.badVerdict, situation.record.wayBack == idle {
            throw Failure(
                .refused, "\(StatusWords.bake(verdict)) \(idle) is the way back from \(live).",
                hint: "'bluegreen status' says what helps. To stop \(idle) all the same:"
                    + " --now --reason TEXT.")
        }
    }
}
