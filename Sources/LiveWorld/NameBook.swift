import Contracts
import Synchronization

/// What names were resolved to in this process, and what stands in for them when nobody resolves them.
final class NameBook: Sendable {
    private struct Entries {
        var known: [String: [String]] = [:]
        /// `nil` until somebody asks for stand-ins.
        var told: [String: [String]]?
        var stoodIn: [String: [String]] = [:]
        var asked: Set<String> = []
    }

    /// A resolver that takes longer is not waited for where there is a stand-in.
    static let patience: Duration = .milliseconds(200)

    private let entries = Mutex(Entries())

    var names: Names {
        Names(
            known: { self.entries.withLock(\.known) },
            fallBack: { told in
                self.entries.withLock { entries in
                    entries.told = (entries.told ?? [:]).merging(told) { _, new in new }
                }
            },
            stoodIn: { self.entries.withLock(\.stoodIn) })
    }

    /// Empty where the resolver alone decides.
    func standIns(for name: String) -> [String] {
        entries.withLock { entries in
            guard let told = entries.told else { return [] }
            return entries.known[name] ?? told[name] ?? []
        }
    }

    /// It knew nothing in time once, and nobody waits for it again.
    func isGivenUp(_ name: String) -> Bool { entries.withLock { $0.stoodIn[name] != nil } }

    func giveUp(_ name: String, for standIns: [String]) {
        entries.withLock { $0.stoodIn[name] = standIns }
    }

    func learn(_ name: String, _ found: [SocketAddress]) {
        let addresses = found.compactMap(\.text)
        guard !addresses.isEmpty else { return }
        entries.withLock { $0.known[name] = addresses }
    }

    /// The addresses to try instead of asking the resolver; empty where it answers.
    func replacements(for name: String) async -> [String] {
        let standIns = standIns(for: name)
        guard !standIns.isEmpty, !isGivenUp(name) else { return standIns }
        let found = await Self.resolve(name)
        guard found.isEmpty else {
            learn(name, found)
            return []
        }
        giveUp(name, for: standIns)
        return standIns
    }

    /// Whether a name that somebody else resolves is to be asked for here, too.
    func isNew(_ name: String) -> Bool {
        SocketAddress.numeric(name, 0) == nil && standIns(for: name).isEmpty
            && entries.withLock { !$0.asked.contains(name) }
    }

    /// For who lets somebody else resolve it: asks beside that, until there was an answer.
    func ask(_ name: String) async {
        guard entries.withLock({ $0.asked.insert(name).inserted }) else { return }
        let found = await Self.resolve(name)
        learn(name, found)
        guard found.isEmpty else { return }
        entries.withLock { _ = $0.asked.remove(name) }
    }

    private static func resolve(_ name: String) async -> [SocketAddress] {
        guard let lookup = NameLookup(name, 0) else { return [] }
        return await PlainThread.run { lookup.addresses(within: patience) }
    }
}
