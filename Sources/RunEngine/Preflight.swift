import Contracts
import PipelineModel

/// Judges what the routers show right before a switch.
struct Preflight {
    let plan: RunPlan
    let epoch: Int
    let settings: SwitchSettings
    /// Routers that an earlier move left out.
    var behind: Set<RouterID> = []
    /// How many must show what is live.
    var needed = 1

    /// Every router shows `live` now, and nothing newer than this run. What a reload would show does
    /// not matter here: the write that follows makes it durable.
    func judge(_ seen: [RouterID: Observation], live: Color) throws(Failure) {
        for (id, observation) in seen.sorted(by: { $0.key < $1.key }) {
            try judgeToken(observation, id)
            if !behind.contains(id) { try judgeColor(observation, id, live) }
        }
    }

    /// What is about to be changed, or stopped, must not be what a router left behind still shows, or
    /// may show: each of `asked` has to be readable.
    func judgeUnused(
        _ idle: Color, _ seen: [RouterID: Observation], asked: Set<RouterID>
    ) throws(Failure) {
        if let silent = asked.subtracting(seen.keys).min() {
            throw Failure(
                .drift, "\(silent) cannot be read: it may still show \(idle).",
                hint:
                    "Bring it back and level ('bluegreen resume'), or take it out of the pipeline.")
        }
        for (id, observation) in seen.sorted(by: { $0.key < $1.key }) {
            guard observation.color == idle else { continue }
            throw Failure(
                .drift, "\(id) was left out of the last move and still shows \(idle).",
                hint: "Bring it level first: 'bluegreen resume'.")
        }
    }

    /// No write could bring traffic there.
    func judgeTarget(_ color: Color, _ seen: [RouterID: Observation]) throws(Failure) {
        for (id, observation) in seen.sorted(by: { $0.key < $1.key }) {
            guard var failure = observation.missing?[color] else { continue }
            if seen.count > 1 { failure.message = "\(id): \(failure.message)" }
            throw failure
        }
    }

    /// A minority never counts as live.
    func judgeMajority(_ seen: [RouterID: Observation], live: Color) throws(Failure) {
        let showing = seen.filter { $0.value.color == live }
        guard showing.count < needed else { return }
        let names = showing.keys.sorted().map(\.name).joined(separator: ", ")
        throw Failure(
            .drift,
            (names.isEmpty ? "No router" : "Only \(names)") + " can be seen to show \(live);"
                + " \(Wording.amount(needed, "router")) \(needed == 1 ? "is" : "are") needed.",
            hint: "Bring the others level first: 'bluegreen resume'.")
    }

    /// The new colour has enough servers up on every router that can tell.
    func judgeCapacity(_ seen: [RouterID: Observation]) throws(Failure) {
        for (id, observation) in seen.sorted(by: { $0.key < $1.key }) {
            try judgeCapacity(observation, id)
        }
    }

    private func judgeToken(_ observation: Observation, _ id: RouterID) throws(Failure) {
        guard let token = observation.token, token.epoch > epoch else { return }
        throw Failure(.superseded, "\(id) holds token \(token), newer than this run (\(epoch)).")
    }

    private func judgeColor(
        _ observation: Observation, _ id: RouterID, _ live: Color
    ) throws(Failure) {
        guard observation.color == live else {
            throw Failure(
                .drift,
                "\(id) shows \(Runner.words(observation.effective)), not \(live), as live.",
                hint: "Somebody else changed it: 'bluegreen status' shows both; accept the"
                    + " router's word with 'bluegreen adopt'.")
        }
    }

    private func judgeCapacity(_ observation: Observation, _ id: RouterID) throws(Failure) {
        guard let target = observation.pools[plan.to] else { return }
        let live = observation.pools[plan.from]?.serversUp ?? 0
        // Nobody has a billion servers, whatever share is asked for.
        let share = min(1e9, (Double(live) * settings.readyShare.value / 100).rounded(.up))
        let needed = max(1, Int(share))
        guard target.serversUp >= needed else {
            throw Failure(
                .capacityMissing,
                "\(plan.to) has \(target.serversUp) of \(target.serversInAll) servers up on \(id);"
                    + " \(needed) are needed (\(MetricWords.value(settings.readyShare.value, for: nil))%"
                    + " of the \(live) that serve \(plan.from)).",
                hint: "Wait until its health checks pass, or set switch.capacity.")
        }
    }
}
