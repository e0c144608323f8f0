/// The file that a proxy reads when it starts, so that a router can be written before its proxy runs.
package protocol ColdStart: Sendable {
    /// Whether certainly nobody listens where the proxy does; one that hangs is there.
    func isDown() async -> Bool

    /// What the proxy will show when it starts. Has no side effect.
    func observe() async throws(Failure) -> Observation

    /// Writes what the proxy will start with; never `appliedNotDurable`. The same rules hold as for
    /// `Router.write`, but that the target cannot be asked for.
    func write(_ datum: Datum) async -> WriteResult
}

extension ColdStart {
    /// `observe()` as a value; a function of its own for the same reason as `Router.look()`.
    package func look() async -> Result<Observation, Failure> {
        do throws(Failure) {
            return .success(try await observe())
        } catch {
            return .failure(error)
        }
    }
}
