import TrafficRig

extension LoadClient {
    /// The colours that answer users who ask `url` from before `start` until many were served.
    static func colors(
        at url: String, rate: Int, from start: () async throws -> Void
    ) async throws -> [String] {
        let client = try await LoadClient.start(
            LoadPlan(url: url, rate: rate, keepAlive: 8, close: 8, posts: 0))
        do {
            try await start()
            try await client.wait(for: 200)
            return try await client.stop().colors.keys.sorted()
        } catch {
            _ = try await client.stop()
            throw error
        }
    }
}
