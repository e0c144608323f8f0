import Contracts
import PipelineModel

/// Who can say which colour a proxy serves now. As text: where it is asked.
protocol ColorWitness: Sendable, CustomStringConvertible {
    /// Where the proxy answers.
    var page: AdminPage { get }

    /// Has no side effect; anything but a whole colour is a failure.
    func color() async throws(Failure) -> Color
}
