import Contracts
import PipelineModel

extension RunBeginning {
    /// What a person types to begin the same once more, as it is printed:
    /// `bluegreen deploy 2.8.0 --until ready`.
    var command: String {
        (["bluegreen", verb.rawValue] + target + limit + rules).joined(separator: " ")
    }

    /// A `resume` that has ended leaves nothing to be resumed.
    private var verb: Verb {
        switch plan.entry {
        case .deploying, .checking, .switching: plan.verb == .resume ? .deploy : plan.verb
        case .rollingBack, .confirming, .baking, .retiring, .adopting, .levelling: plan.verb
        }
    }

    private var target: [String] {
        switch verb {
        case .deploy: [plan.release?.version ?? "VERSION"]
        case .rollback: ["--to", plan.to.rawValue]
        case .switch, .resume, .retire, .adopt, .abort: []
        }
    }

    private var limit: [String] {
        switch plan.destination {
        case .committed: []
        case .ready: ["--until ready"]
        case .switched: [plan.verb == .switch ? "--no-bake" : "--until switched"]
        }
    }

    /// The rules that were set aside by name; what `--adopt` accepts is recorded at once.
    private var rules: [String] {
        let flags = overrides.filter { $0.hasPrefix("--") && $0 != "--adopt" }
        return flags.isEmpty ? [] : flags.map(Self.quoted) + ["--reason TEXT"]
    }

    /// `--skip-check 'slow suite'`
    private static func quoted(_ flag: String) -> String {
        let parts = flag.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[1].contains(" ") else { return flag }
        return "\(parts[0]) '\(parts[1])'"
    }
}
