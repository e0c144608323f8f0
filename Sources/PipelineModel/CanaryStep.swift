/// A share of the traffic that goes to the new environment before all of it does.
package struct CanaryStep: Sendable, Hashable {
    /// 1 to 99.
    package var percent: Int
    package var duration: Duration
    /// Where it is written.
    package var position: Position

    /// As many as a bake may ask for.
    private static let mostSamples = 1e9

    package init(percent: Int, for duration: Duration, at position: Position) {
        self.percent = percent
        self.duration = duration
        self.position = position
    }

    /// The bake's own rules, for this share of its requests and of its time.
    ///
    /// At least one request must have met the new environment: a share that nobody gets shows nothing.
    package func watch(_ bake: BakeSettings) -> BakeSettings {
        let share = Double(percent) * (duration / bake.duration) / 100
        var watch = bake
        watch.duration = duration
        // Fractions that no double holds must not ask for one more.
        let samples = (Double(bake.minimumSamples) * share - 1e-6).rounded(.up)
        watch.minimumSamples = max(1, Int(min(samples, Self.mostSamples)))
        return watch
    }
}

/// Reads `switch.canary` and checks what no single setting can show.
struct CanaryReader {
    /// Each is a write of its own, and a run has 63 of them.
    private static let mostSteps = 10

    let report: Report

    func steps(_ sections: [Section]) -> [CanaryStep] {
        let steps = sections.compactMap(step)
        for (step, next) in zip(steps, steps.dropFirst()) where next.percent <= step.percent {
            report.error(
                at: next.position,
                "the share does not grow: \(step.percent)%, then \(next.percent)%",
                hint: "each step of a canary is larger than the one before")
        }
        if steps.count > Self.mostSteps {
            report.error(
                at: steps[Self.mostSteps].position,
                "a canary has at most \(Self.mostSteps) steps")
        }
        return steps
    }

    private func step(_ section: Section) -> CanaryStep? {
        guard let weight = section.percent("weight"), let duration = section.positive("for") else {
            return nil
        }
        guard let percent = Int(exactly: weight.value), (1...99).contains(percent) else {
            report.error(
                at: section.position(of: "weight"), "'weight' is not a whole share of 1% to 99%",
                hint: "100% is the switch itself, after the last step")
            return nil
        }
        return CanaryStep(percent: percent, for: duration, at: section.position)
    }

    /// Nothing but the bake's metrics can say that a share is well.
    func check(_ steps: [CanaryStep], against bake: BakeSettings?) {
        guard let first = steps.first else { return }
        guard let bake, !bake.metrics.isEmpty else {
            return report.error(
                at: first.position,
                "a canary is watched by the metrics of 'bake', and there are none",
                hint: "add 'bake' with 'metrics', or leave 'canary' out")
        }
        for step in steps {
            let longest = bake.metrics.map { bake.interval * $0.failWhen.count }.max() ?? .zero
            guard step.duration < longest else { continue }
            report.error(
                at: step.position, "the step ends before its metrics can fail",
                hint: "make 'for' longer, or 'bake.interval' shorter")
        }
    }
}
