import Contracts
import PipelineModel

/// Who can say which colour a proxy serves now. As text: where it is asked.
protocol ColorWitness: Sendable, CustomStringConvertible {
    /// Where the proxy answers.
    var page: AdminPage { get }

    /// Has no side effect; anything but a whole colour is a failure.
    func color() async throws(Failure) -> Color

    /// The same where it may be a share; `kept` says which colour that is a share of.
    func sighting(
        beside kept: Observation.Sighting
    ) async throws(Failure) -> Observation.Sighting

    /// What the proxy says of values that it would not take; nothing where it does not count them.
    func refusals() async -> [String]
}

extension ColorWitness {
    func sighting(
        beside _: Observation.Sighting
    ) async throws(Failure) -> Observation.Sighting {
        .color(try await color())
    }

    func refusals() async -> [String] { [] }
}
