/// Asks until `condition` holds; a failure names `what` was waited for and the last error.
package func eventually(
    _ what: String, within limit: Duration = .seconds(10), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    var lastError: (any Error)?
    repeat {
        do {
            if try await condition() { return }
        } catch {
            lastError = error
        }
        try await Task.sleep(for: .milliseconds(2))
    } while ContinuousClock.now < deadline
    let reason = lastError.map { ": \($0)" } ?? ""
    throw RigFailure("waited \(limit) in vain for \(what)\(reason)")
}
