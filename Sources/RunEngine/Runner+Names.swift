import Contracts
import PipelineModel

/// Whether a way back that did not wait for the resolver went where the names lead.
extension Runner {
    /// What was written and shown is not where a name leads, as the resolver says now.
    ///
    /// Traffic has moved by now: there is time to wait for a slow resolver.
    func misdirection() async -> Failure? {
        let names = world.names
        var late = await LateNames(names, patience: .zero, stop: stop)
        if !late.isComplete {
            let missing = late.names.filter(\.resolved.isEmpty).map(\.name)
            report(
                .waiting(
                    Failure(
                        .notProven,
                        "The resolver has not said where \(missing.joined(separator: ", ")) leads."),
                    .zero))
            late = await LateNames(names, patience: LateNames.patience, stop: stop)
        }
        guard let first = late.moved.first else { return nil }
        return Failure(
            .notProven, "\(first.name) leads elsewhere than where this run went.",
            evidence: late.moved.map(\.words),
            hint: "Traffic there may not have moved. Once names are resolved, 'bluegreen resume'"
                + " writes it where they lead; what is at the recorded address was written too.")
    }
}

extension LateNames.Name {
    fileprivate var words: String {
        "\(name): resolved to \(resolved.joined(separator: ", ")) after this run had used the"
            + " recorded address \(recorded.joined(separator: ", "))"
    }
}
