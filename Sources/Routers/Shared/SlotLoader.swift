import Contracts
import PipelineModel

/// Makes a proxy read a slot that it does not look at by itself.
protocol SlotLoader: Sendable {
    /// Processes of the proxy that only finish what they have; `nil` where that is not known.
    var oldWorkers: Int? { get }
    /// As a router's own.
    var usualDelay: Duration { get }

    /// Asks whether the proxy would take what the slot says now. Changes nothing.
    func check() async throws(Failure)

    /// Tells the proxy to read the slot. After a failure nobody knows whether it was told.
    func tell() async throws(Failure)

    /// Returns when every new connection is served by `color`. Bounded; has no side effect.
    func confirm(_ color: Color) async throws(Failure)
}
