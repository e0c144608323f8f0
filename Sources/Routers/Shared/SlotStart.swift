import Contracts

/// The slot of a proxy that does not run: what it says is what the proxy starts with.
struct SlotStart: ColdStart {
    /// Where the proxy would answer.
    let page: AdminPage
    private let slot: SlotSwitch

    init(_ slot: SlotSwitch, page: AdminPage) {
        self.page = page
        var alone = slot
        (alone.readBack, alone.loader) = (nil, nil)
        self.slot = alone
    }

    func isDown() async -> Bool { await page.isDown() }

    func observe() async throws(Failure) -> Observation {
        var observation = try await slot.observe()
        observation.unasked = "\(slot.proxy) does not run"
        return observation
    }

    func write(_ datum: Datum) async -> WriteResult {
        let result = await slot.write(datum, expecting: Observation(effective: .absent))
        // In memory it is not for long, but long enough for the start that it is written for.
        if case .appliedNotDurable = result { return .applied }
        return result
    }
}
