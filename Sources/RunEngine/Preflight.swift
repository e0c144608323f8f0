import Contracts
import PipelineModel

/// Judges what the routers show right before a switch.
struct Preflight {
    let plan: RunPlan
    let epoch: Int
    let settings: SwitchSettings

    /// Every router shows `live` now, and nothing newer than this run. What a reload would show does
    /// not matter here: the write that follows makes it durable.
    func judge(_ seen: [RouterID: Observation], live: Color) throws(Failure) {
        for (id, observation) in seen.sorted(by: { $0.key < $1.key }) {
            try judgeColor(observation, id, live)
        }
    }

    /// The new colour has enough servers up on every router that can tell.
    func judgeCapacity(_ seen: [RouterID: Observation]) throws(Failure) {
        for (id, observation) in seen.sorted(by: { $0.key < $1.key }) {
            try judgeCapacity(observation, id)
        }
    }

    private func judgeColor(
        _ observation: Observation, _ id: RouterID, _ live: Color
    ) throws(Failure) {
        if let token = observation.token, token.epoch > epoch {
            throw Failure(
                .superseded, "\(id) holds token \(token), newer than this run (\(epoch)).")
        }
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
        let needed = max(1, Int((Double(live) * settings.readyShare.value / 100).rounded(.up)))
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
