import Contracts
import PipelineModel
import RunEngine

/// Watches the requests that are still under way on a colour that traffic left.
struct DrainWatch: Sendable {
    private static let interval = Duration.seconds(1)

    let routers: [RouterID: any Router]
    let time: Time
    /// A person who wants to stop does not want to wait for this either.
    let stop: StopRequest

    /// `nil` where no router can count them.
    func underWay(on color: Color) async -> Int? {
        let counts = await RouterPanel.observe(routers).values.compactMap { result -> Int? in
            // A router that cannot be read now is asked again; this is only a courtesy.
            guard case .success(let observation) = result else { return nil }
            return observation.pools[color]?.inFlight
        }
        return counts.isEmpty ? nil : counts.reduce(0, +)
    }

    /// Tells the count whenever it was asked, until nothing is left, `limit` has passed or somebody
    /// wants to stop. Says nothing where nothing was under way. Returns what is left.
    @discardableResult
    func watch(
        _ color: Color, limit: Duration? = nil, tell: @Sendable (Int) -> Void
    ) async -> Int {
        let start = time.now()
        var hasTold = false
        while !Task.isCancelled, stop.interruption == nil {
            guard let count = await underWay(on: color) else { return 0 }
            if count > 0 || hasTold {
                hasTold = true
                tell(count)
            }
            if count == 0 { return 0 }
            if let limit, time.now() - start >= limit { return count }
            await time.sleep(Self.interval)
        }
        return 0
    }
}
