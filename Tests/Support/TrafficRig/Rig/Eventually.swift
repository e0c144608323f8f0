/// Asks until `condition` holds; a failure names `what` was waited for and the last error.
///
/// A `RigFailure` ends the wait at once, every other error only means: not yet.
package func eventually(
    _ what: String, within limit: Duration = .seconds(10), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    var lastError: (any Error)?
    repeat {
        do {
            if try await condition() { return }
        } catch let failure as RigFailure {
            throw failure
        } catch {
            lastError = error
        }
        try await Task.sleep(for: .milliseconds(2))
    } while ContinuousClock.now < deadline
    let reason = lastError.map { ": \($0)" } ?? ""
    throw RigFailure("waited \(limit) in vain for \(what)\(reason)")
}
