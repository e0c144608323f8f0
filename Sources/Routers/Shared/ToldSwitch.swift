import Contracts
import PipelineModel

/// Switches what the user has described, and believes only what can be read.
struct ToldSwitch: RouterWay {
    let teller: any Teller
    let promise: ToldPromise

    var fencing: Fencing { promise.fencing }
    var abilities: RouterAbilities { promise.abilities }
    var address: String { teller.address }
    var firstValue: String {
        "\(teller.name) must be told once to make blue live, as 'switch' does, so that 'read' says it."
    }

    func observe() async throws(Failure) -> Observation {
        let kept = try await teller.read()
        return Observation(
            effective: kept.sighting, durable: promise.durable, token: kept.token,
            isIdleClaimed: kept.isIdleClaimed)
    }

    func write(_ datum: Datum, expecting: Observation) async -> WriteResult {
        if let seen = expecting.token, seen > datum.token { return .refusedStale(seen) }
        let before: KeptDatum
        do throws(Failure) {
            try datum.requireOneColor(for: teller.name)
            before = try await teller.read()
            // A writer that has never seen a token finds out whether what it tells compares them.
            let isLeftToThem = promise.fencing == .token && expecting.token == nil
            if !isLeftToThem, let held = before.token(before: datum) {
                return .refusedStale(held)
            }
            try await teller.findTarget(of: datum)
        } catch {
            return .notApplied(error)
        }
        switch await teller.tell(datum) {
        case .done: return await result(of: datum)
        case .unheard(let failure): return .notApplied(failure)
        case .refused(let failure): return await settle(datum, before, failure)
        case .unclear(let failure): return .unknown(failure)
        }
    }

    /// After a yes.
    private func result(of datum: Datum) async -> WriteResult {
        do throws(Failure) {
            let now = try await teller.read()
            if let held = now.token(before: datum) { return .refusedStale(held) }
            guard now.shows(datum) else { return .unknown(unseen(datum, now)) }
            try await teller.verify(datum)
        } catch {
            return .unknown(error)
        }
        return promise.isDurable ? .applied : .appliedNotDurable(promise.forgetful(teller.name))
    }

    /// After a no: what is in effect decides, where a write cannot take effect late.
    private func settle(
        _ datum: Datum, _ before: KeptDatum, _ failure: Failure
    ) async -> WriteResult {
        do throws(Failure) {
            let now = try await teller.read()
            if let held = now.token(before: datum) { return .refusedStale(held) }
            guard promise.fencing != .asynchronous, now == before else { return .unknown(failure) }
            return .notApplied(failure)
        } catch {
            return .unknown(failure)
        }
    }

    private func unseen(_ datum: Datum, _ now: KeptDatum) -> Failure {
        let token = now.token.map { ", token \($0)" } ?? ""
        return Failure(
            .routerRefused, "\(teller.name) was told \(datum.live), and does not show it.",
            evidence: ["shows \(now.words)\(token)"],
            hint: "Compare 'switch' with 'read'; if it only takes a moment, it is of class A.")
    }
}

extension KeptDatum {
    /// Where only the colour is kept, it is enough.
    fileprivate func shows(_ datum: Datum) -> Bool {
        guard sighting == .color(datum.live) else { return false }
        return token.map { $0 == datum.token && isIdleClaimed == datum.isIdleClaimed } ?? true
    }

    fileprivate var words: String {
        switch sighting {
        case .color(let color): color.rawValue
        case .shared(let color, let percent): "\(color), and \(percent)% on \(color.other)"
        case .foreign(let text): "'\(text)'"
        case .absent: "nothing"
        }
    }

    /// One word, with or without a line end, as a tool prints it or a body holds it; `nil` where it is
    /// anything else.
    init?(word text: some StringProtocol) {
        let word = text.hasSuffix("\n") ? String(text.dropLast()) : String(text)
        let isWord = word.unicodeScalars.allSatisfy {
            $0.isASCII && $0.value > 0x20 && $0.value < 0x7F
        }
        guard isWord, (1...128).contains(word.utf8.count) else { return nil }
        self.init(written: word)
    }
}
