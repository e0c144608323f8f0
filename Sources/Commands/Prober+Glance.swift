import Contracts
import PipelineModel
import RunEngine

extension Prober {
    /// One quick question to an environment itself, where a person waits for what follows from it;
    /// `nil` where there is no address to ask.
    func glance(at color: Color?) async -> Answer? {
        guard let color else { return nil }
        return await askDirectly(color, timeout: .milliseconds(300))
    }
}

extension Prober.Answer {
    /// What nobody here knows the name of may serve.
    var isDead: Bool { !isFit && !isUnresolved }

    /// Why users cannot be sent to the colour that was asked, whose name goes before it.
    var unfitness: String { isStranger ? "is not what answers" : "does not serve" }
}

extension RunEquipment {
    /// Asked only where no router tells of servers; where it cannot be asked, it does.
    func serves(_ color: Color, _ situation: Situation) async -> Bool {
        let counts = situation.observations.values.compactMap { $0.pools[color]?.serversUp }
        guard counts.isEmpty else { return !counts.contains(0) }
        guard let entrance else { return true }
        let prober = Prober(entrance: entrance, world: world, constants: constants)
        return await prober.glance(at: color)?.isServed != false
    }

    /// Live, but nothing was ever deployed there, and nothing serves: no way back once it is left.
    func isBare(_ live: Color, _ situation: Situation) async -> Bool {
        guard situation.record.releases[live] == nil else { return false }
        return await !serves(live, situation)
    }
}
