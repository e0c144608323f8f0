import Contracts
import Synchronization

/// What names were resolved to in this process, and what stands in for them when nobody resolves them.
final class NameBook: Sendable {
    private struct Entries {
        var known: [String: [String]] = [:]
        /// `nil` until somebody asks for stand-ins.
        var told: [String: [String]]?
        var replaced: Set<String> = []
        /// Since somebody asked for stand-ins last.
        var stoodIn: [String: [String]] = [:]
        var asked: Set<String> = []
        var begun: [String: Question] = [:]

        func standIns(for name: String) -> [String] {
            told.map { known[name] ?? $0[name] ?? [] } ?? []
        }

        /// That there is no address is believed only where something stands in: else it may have been
        /// one lost answer, and there is nothing but the next one.
        func isWorthAsking(_ name: String, after question: Question) -> Bool {
            standIns(for: name).isEmpty && question.lookup.isDone
                && question.lookup.addresses.isEmpty
        }
    }

    /// One question to the resolver, shared by all who need its answer.
    struct Question {
        let lookup: NameLookup
        /// From then on nobody waits for it.
        let limit: Duration
    }

    /// A resolver that takes longer is not waited for where there is a stand-in. Long enough for a slow
    /// one, because what stands in may be somebody else's address by now; shorter than what a router
    /// has for its answer.
    static let patience: Duration = .milliseconds(350)
    /// So long an answer, or that there was none, is believed. A resolver whose first server is silent
    /// asks the next after 5 s: until then nobody asks anew.
    private static let validity: Duration = .seconds(8)

    private let entries = Mutex(Entries())

    var names: Names {
        Names(
            known: { self.entries.withLock(\.known) }, fallBack: fallBack,
            stoodIn: { self.entries.withLock(\.stoodIn) }, late: late,
            forget: { self.entries.withLock { $0 = Entries() } })
    }

    /// Asks for all names at once: together they cost no more than the slowest.
    private func fallBack(_ told: [String: [String]]) {
        let names = entries.withLock { entries in
            entries.told = (entries.told ?? [:]).merging(told) { _, new in new }
            entries.stoodIn = [:]
            return Set(entries.known.keys).union(told.keys)
        }
        for name in names where SocketAddress.numeric(name, 0) == nil { _ = question(name) }
    }

    /// Empty where the resolver alone decides.
    func standIns(for name: String) -> [String] {
        entries.withLock { $0.standIns(for: name) }
    }

    /// `nil` where the process has no descriptors left.
    func question(_ name: String) -> Question? {
        let now = KernelClock.sinceBoot
        return entries.withLock { entries in
            if let begun = entries.begun[name], now < begun.limit + Self.validity,
                !entries.isWorthAsking(name, after: begun)
            {
                return begun
            }
            guard let lookup = NameLookup(name, 0) else { return nil }
            let question = Question(lookup: lookup, limit: now + Self.patience)
            entries.begun[name] = question
            return question
        }
    }

    /// What the resolver said in time; else what stands in.
    func settled(_ question: Question?, for name: String, else standIns: [String]) -> [String] {
        let found = learn(name, question?.lookup.addresses ?? [])
        return entries.withLock { entries in
            guard found.isEmpty else {
                entries.replaced.remove(name)
                return found
            }
            entries.replaced.insert(name)
            entries.stoodIn[name] = standIns
            return standIns
        }
    }

    func isReplaced(_ name: String) -> Bool { entries.withLock { $0.replaced.contains(name) } }

    /// What was asked already: nobody is asked anew.
    private func late(_ names: Set<String>, _ patience: Duration) async -> [String: [String]] {
        let lookups = entries.withLock { entries in
            names.reduce(into: [:]) { $0[$1] = entries.begun[$1]?.lookup }
        }
        let limit = KernelClock.sinceBoot + patience
        while lookups.values.contains(where: { !$0.isDone }), KernelClock.sinceBoot < limit,
            !Task.isCancelled
        {
            await Time.live.sleep(.milliseconds(10))
        }
        return lookups.reduce(into: [:]) { said, lookup in
            let found = learn(lookup.key, lookup.value.addresses)
            said[lookup.key] = found.isEmpty ? nil : found
        }
    }

    @discardableResult
    func learn(_ name: String, _ found: [SocketAddress]) -> [String] {
        let addresses = found.compactMap(\.text)
        guard !addresses.isEmpty else { return [] }
        entries.withLock { $0.known[name] = addresses }
        return addresses
    }

    /// The addresses to try instead of asking the resolver; empty where it answers.
    func replacements(for name: String) async -> [String] {
        let standIns = standIns(for: name)
        guard !standIns.isEmpty else { return [] }
        let question = question(name)
        if let question, !question.isOver {
            _ = await PlainThread.run { question.lookup.wait(until: question.limit) }
        }
        let settled = settled(question, for: name, else: standIns)
        return isReplaced(name) ? settled : []
    }

    /// Whether a name that somebody else resolves is to be asked for here, too.
    func isNew(_ name: String) -> Bool {
        SocketAddress.numeric(name, 0) == nil && standIns(for: name).isEmpty
            && entries.withLock { !$0.asked.contains(name) }
    }

    /// For who lets somebody else resolve it: asks beside that, until there was an answer.
    func ask(_ name: String) async {
        guard entries.withLock({ $0.asked.insert(name).inserted }) else { return }
        guard let question = question(name) else { return }
        _ = await PlainThread.run { question.lookup.wait(until: question.limit) }
        guard learn(name, question.lookup.addresses).isEmpty else { return }
        entries.withLock { _ = $0.asked.remove(name) }
    }
}

extension NameBook.Question {
    /// Answered, or given up.
    var isOver: Bool { lookup.isDone || KernelClock.sinceBoot >= limit }
}
