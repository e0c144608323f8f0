package import Contracts

/// What a way back did without the resolver, beside what the resolver says in the end.
package struct LateNames: Sendable {
    /// Longer than a resolver takes whose first server is silent: it asks the next after 5 s.
    package static let patience = Duration.seconds(6)

    /// Whether the resolver says the same, where it has said anything.
    package struct Name: Sendable {
        package var name: String
        /// What stood in for it.
        package var recorded: [String]
        /// Empty where it has said nothing.
        package var resolved: [String]

        /// Nothing went where the name does not lead.
        ///
        /// A name with several addresses is often answered with a part of them.
        package var isConfirmed: Bool { !Set(recorded).isDisjoint(with: resolved) }
        /// What was done went where the name does not lead.
        package var hasMoved: Bool { !resolved.isEmpty && !isConfirmed }
    }

    package var names: [Name]

    /// Waits at most so long for the resolver, and not for longer than nobody asks to stop.
    package init(_ names: Names, patience: Duration, stop: StopRequest) async {
        let used = names.stoodIn()
        let said = await Self.said(of: Set(used.keys), names, patience, stop)
        self.names = used.sorted { $0.key < $1.key }.map { name, recorded in
            Name(name: name, recorded: recorded, resolved: said[name] ?? [])
        }
    }

    package var isComplete: Bool { names.allSatisfy { !$0.resolved.isEmpty } }
    package var moved: [Name] { names.filter(\.hasMoved) }

    private static func said(
        of wanted: Set<String>, _ names: Names, _ patience: Duration, _ stop: StopRequest
    ) async -> [String: [String]] {
        guard !wanted.isEmpty else { return [:] }
        guard patience > .zero else { return await names.late(wanted, .zero) }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { _ = await names.late(wanted, patience) }
            group.addTask { _ = await stop.wait() }
            await group.next()
            group.cancelAll()
        }
        return await names.late(wanted, .zero)
    }
}
