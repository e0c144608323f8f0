/// A program that a test has started.
protocol StoppableRig: Sendable {
    func stop() async
}

extension StoppableRig {
    /// Ends it after `body`, however that ends.
    func thenStopped<Result>(_ body: (Self) async throws -> Result) async throws -> Result {
        do {
            let result = try await body(self)
            await stop()
            return result
        } catch {
            await stop()
            throw error
        }
    }
}
