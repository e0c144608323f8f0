import Contracts
import TestWorld

/// What befalls whoever asks a router.
extension FakeProduction.State {
    /// Whether it is obeyed, where the one who asks dies now.
    mutating func takeDeath() -> Bool? {
        guard let death else { return nil }
        self.death = death.question > 1 ? (death.question - 1, death.isObeyed) : nil
        return death.question > 1 ? nil : death.isObeyed
    }

    mutating func takeStandstill() -> (@Sendable () -> Void)? {
        guard let standstill else { return nil }
        self.standstill =
            standstill.question > 1
            ? (standstill.question - 1, standstill.meanwhile) : nil
        return standstill.question > 1 ? nil : standstill.meanwhile
    }

    /// Whether nobody gets an answer to this; it takes effect later. What was so before may take effect
    /// now.
    mutating func isLost(_ commands: [Substring], isWrite: Bool) -> Bool {
        if let waiting = underWay {
            underWay?.questions -= 1
            if waiting.questions <= 1 { arrive() }
        }
        guard isWrite else { return false }
        writes += 1
        guard let delay else { return false }
        self.delay = delay.write > 1 ? (delay.write - 1, delay.questions) : nil
        guard delay.write == 1 else { return false }
        underWay = (commands, delay.questions)
        if delay.questions == 0 { arrive() }
        return true
    }

    /// The write that is under way takes effect. A map takes it, however old it is.
    mutating func arrive() {
        guard let commands = underWay.take()?.commands else { return }
        guard let value = commands.lazy.compactMap(FakeProduction.wish).first else { return }
        if commands.contains(where: { $0.hasPrefix("set map ") }) {
            FakeProduction.write(value, isLate: true, &self)
        } else {
            FakeProduction.raise(to: value, isLate: true, &self)
        }
    }
}
