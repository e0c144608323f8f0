import Contracts
import PipelineModel
import StateStores

/// Which stage a command is about. Where a service has stages, one of them is to be named: without it,
/// or with a mistyped one, a command would work on a record that nobody else looks at.
struct StageChoice {
    /// Those of the pipeline; `nil` where it cannot be read.
    let written: [String]?
    /// All that have a record count where it is not known.
    let service: String?
    let root: String
    let world: World

    /// Refuses to go on without one, or with one that nothing here knows. Where a service has runs without
    /// a stage, none need be named: then those are meant, as before.
    func check(_ stage: String?) throws {
        guard let stage else {
            let known = written ?? recorded
            guard !known.isEmpty, !hasRunsWithoutStage else { return }
            throw UsageRefusal(message: Self.question(known))
        }
        guard written?.contains(stage) != true, !recorded.contains(stage) else { return }
        let known = (written ?? []) + recorded.filter { written?.contains($0) != true }
        guard !known.isEmpty || written != nil else { return }
        throw UsageRefusal(
            message: "There is no stage '\(stage)': "
                + (known.isEmpty ? "this pipeline has none." : Self.options(known)))
    }

    static func question(_ known: [String]) -> String { "Which stage? \(options(known))" }

    /// `--stage staging or --stage production.`
    private static func options(_ known: [String]) -> String {
        known.map { "--stage \($0)" }.joined(separator: " or ") + "."
    }

    /// Losing the error is right: what cannot be listed must not stand in the way of a rollback.
    private var records: [(service: String, stage: String?)] {
        ((try? StateStoreCatalog.services(in: root, files: world.files)) ?? [])
            .filter { service == nil || $0.service == service }
    }

    private var recorded: [String] {
        Set(records.compactMap(\.stage)).sorted()
    }

    private var hasRunsWithoutStage: Bool {
        records.contains { record in
            guard record.stage == nil else { return false }
            let store = FileStateStore(
                root: root, service: record.service, stage: nil, world: world)
            // Losing the error is right: what cannot be read may hold some.
            return (try? store.load())?.condition != .absent
        }
    }
}
