import Testing
import TrafficRig

extension PublicAddress {
    /// Kills `switch green` before each of its calls that touches a file in `folder`, lets `judge` look,
    /// and goes back to blue. Says how many kills came between the intent and the end of the run.
    func killSwitches(
        touching folder: String, _ judge: () async throws -> Void
    ) async throws -> Int {
        let words = ["switch", "green", "--no-bake"]
        let calls = try await Injection.calls(of: words, in: self) { $0.contains(folder) }
        try await goBack(after: "no kill")
        var landed = 0
        for call in calls {
            let injection = Injection(call, "signal=KILL")
            let ending = try await injection.run(words, in: self)
            if ending.status == nil, try isNewestRunOpen() { landed += 1 }
            try await judge()
            try await goBack(after: injection.description)
        }
        return landed
    }

    private func goBack(after what: String) async throws {
        let back = try await run("rollback", "--to", "blue", "--reason", "test")
        #expect(back.status == 0, "\(what): \(back)")
    }

    /// It said that it would switch, and not how it ended.
    private func isNewestRunOpen() throws -> Bool {
        let lines = try journal()
        let newest = lines.filter { $0.e == lines.last?.e }.map(\.k)
        return newest.contains("switchIntended") && !newest.contains("ended")
    }
}
