import Contracts
import PipelineModel

/// Makes a proxy read a slot that it does not look at by itself.
protocol SlotLoader: Sendable {
    /// Tells the proxy to read the slot. Where this fails, the proxy goes on with what it has.
    func tell() async throws(Failure)

    /// Returns when every new connection is served by `color`. Bounded; has no side effect.
    func confirm(_ color: Color) async throws(Failure)
}
