package import Contracts
package import PipelineModel

/// Asks, before anything is done, whether what is live says who it is where the pipeline looks for it.
package struct LiveIdentity: Sendable {
    private static let questions = 3

    private let prober: Prober
    private let live: Color

    /// A text of `prober` that nobody expects (a version that is not known) counts for any.
    package init(_ prober: Prober, live: Color) {
        self.prober = prober
        self.live = live
    }

    /// Why no switch could be proven; `nil` where one could, and where nothing runs yet.
    ///
    /// One odd answer is no reason: only the same each time is.
    package func failure() async -> Failure? {
        var last: Prober.Answer?
        for _ in 0..<Self.questions {
            let answer = await prober.askPublic(timeout: .seconds(2))
            guard isNameless(answer, live) else { return nil }
            last = answer
        }
        guard let last, await isCommon() else { return nil }
        return failure(last)
    }

    /// Why no switch could be proven where the public address does not answer although what is live
    /// does; `nil` where it answers, and where nothing runs yet.
    package func silence() async -> Failure? {
        let open = await prober.askPublicPatiently()
        guard !open.isServed else { return nil }
        return await prober.silence(open, although: live)
    }

    /// Not a fault of the live release alone, which a new one would mend: it says who it is at its own
    /// address, or the other colour does not say it either.
    private func isCommon() async -> Bool {
        guard let own = await prober.askDirectly(live, timeout: .seconds(2)), own.isServed else {
            return false
        }
        guard isNameless(own, live) else { return true }
        let other = await prober.askDirectly(live.other, timeout: .seconds(2))
        return other.map { isNameless($0, live.other) } ?? false
    }

    private func isNameless(_ answer: Prober.Answer, _ color: Color) -> Bool {
        guard answer.isServed else { return false }
        guard case .other = answer.kind else { return answer.text == nil }
        return prober.entrance.expected[color] != nil
    }

    private func failure(_ answer: Prober.Answer) -> Failure {
        let address = "\(prober.entrance.url): status \(answer.status)"
        guard answer.text == nil else {
            return Failure(
                .identityMissing,
                "What is live answers neither as blue nor as green, so no switch could be proven.",
                evidence: ["\(address), \(Runner.words(answer.kind))"] + expected,
                hint: "Correct public.identity, or what the application says. \(Self.wayOut)")
        }
        return Failure(
            .identityMissing,
            "What is live does not say who it is, so no switch could be proven: \(prober.missing).",
            evidence: [address] + prober.lookalikes(in: answer),
            hint: "Correct public.identity in the pipeline. \(Self.wayOut)")
    }

    private static let wayOut =
        "If only the new release says it: deploy that one with 'switch: {prove: readBack}'."

    private var expected: [String] {
        Color.allCases.compactMap { color in
            prober.entrance.expected[color].map {
                "expected of \(color): '\(Wording.excerpt($0.utf8, limit: 64))'"
            }
        }
    }
}

extension Prober {
    /// A public address that does not answer proves nothing, although `live` serves.
    func silence(_ open: Answer, although live: Color) async -> Failure? {
        guard await askDirectly(live, timeout: .seconds(2))?.isServed == true else { return nil }
        return Failure(
            .notProven,
            "\(live) serves, but the public address does not answer:"
                + " no switch could be proven there.",
            evidence: ["\(entrance.url): \(Runner.words(open.kind))"],
            hint: "Check public.url and public.identity in the pipeline.")
    }

    /// One lost request is no reason to refuse a switch.
    func askPublicPatiently(as preview: Preview? = nil) async -> Answer {
        var answer = await askPublic(timeout: .seconds(2), as: preview)
        for _ in 0..<2 {
            guard !answer.isServed else { return answer }
            answer = await askPublic(timeout: .seconds(2), as: preview)
        }
        return answer
    }

    /// So many names tell what there is instead.
    private static let namesShown = 12

    /// Where the header of the identity is missing: which one may have been meant, or else what there is.
    func lookalikes(in answer: Answer) -> [String] {
        guard case .header(let wanted) = entrance.place, answer.text == nil,
            !answer.headerNames.isEmpty
        else { return [] }
        let names = answer.headerNames.map { String($0.prefix(64)) }
        let nearest = Suggestion.nearest(
            to: wanted.lowercased(), among: names.map { $0.lowercased() })
        if let meant = names.first(where: { $0.lowercased() == nearest }) {
            return ["it has a header \(meant)"]
        }
        return ["its headers: \(names.prefix(Self.namesShown).joined(separator: ", "))"]
    }
}
