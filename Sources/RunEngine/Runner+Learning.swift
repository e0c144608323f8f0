import Contracts
import PipelineModel
import Synchronization

/// How a run comes to know the text of a release that nobody recorded.
extension Runner {
    private static let questions = 3
    /// More than that is a page, not an identity, and goes into every intent.
    private static let longestText = 4096

    /// Before the first switch of a service only its answers tell what is live. One that is always the
    /// same, and that cannot be taken for the new release, proves the way back; where there is none, a
    /// way back cannot be proven.
    func learnIdentity(of live: Color) async {
        guard plan.isProvenByProbes, let prober, prober.entrance.expected[live] == nil,
            let text = await steadyText(prober), prober.kind(naming: text) != .color(live.other)
        else { return }
        var entrance = prober.entrance
        entrance.expected[live] = text
        let learned = self.prober(at: entrance)
        let idle = await prober.askDirectly(live.other, timeout: .seconds(2))
        guard let new = idle?.text, learned.kind(naming: new) == .color(live.other) else { return }
        memory.withLock { $0.entrance = entrance }
    }

    /// What the public address answers each time it is asked.
    private func steadyText(_ prober: Prober) async -> String? {
        var texts: Set<String?> = []
        for _ in 0..<Self.questions {
            texts.insert(await prober.askPublic(timeout: .seconds(2)).text)
        }
        guard texts.count == 1, let text = texts.first ?? nil, !text.isEmpty,
            text.utf8.count <= Self.longestText
        else { return nil }
        return text
    }
}
