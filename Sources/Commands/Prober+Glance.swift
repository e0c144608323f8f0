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

    /// As long as a way back is asked that nobody watches: what is cold, or overloaded, may serve. What
    /// answers at once, or refuses, costs no more than a glance.
    func askPatiently(_ color: Color) async -> Answer? {
        let first = await askDirectly(color, timeout: .seconds(1))
        guard first?.isLate == true else { return first }
        return await askDirectly(color, timeout: .seconds(1))
    }
}

extension Prober.Answer {
    /// What nobody here knows the name of may serve.
    var isDead: Bool { !isFit && !isUnresolved }

    /// As far as a glance tells: it may just be slow.
    var maybeServes: Bool { !isDead || isLate }

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
        return await prober.glance(at: color).map { $0.isServed || $0.isLate } ?? true
    }

    /// Live, but nothing was ever deployed there, and nothing serves: no way back once it is left.
    func isBare(_ live: Color, _ situation: Situation) async -> Bool {
        guard situation.record.releases[live] == nil else { return false }
        return await !serves(live, situation)
    }
}
