/// What host names stand for, as far as this process knows: the resolver itself is asked by whoever
/// connects.
package struct Names: Sendable {
    /// The numeric addresses that each name was last resolved to here, by name as it was written.
    package var known: @Sendable () -> [String: [String]]
    /// From now on, a name that the resolver does not know within 350 ms stands for what it was
    /// resolved to here before, else for what is said here. An answer of the resolver always wins.
    /// Repeating adds to what was said; what stood in before is forgotten.
    package var fallBack: @Sendable ([String: [String]]) -> Void
    /// The names for which something else stood in since the last `fallBack`, and what.
    package var stoodIn: @Sendable () -> [String: [String]]
    /// What the resolver has said by now of these of its names; waits for it at most so long, and ends
    /// early, without an error, when the task is cancelled. A name is absent where it has said nothing.
    package var late: @Sendable (Set<String>, Duration) async -> [String: [String]]
    /// Forgets what was learned and what was said here: from now on the resolver alone decides again.
    package var forget: @Sendable () -> Void

    /// Knows nothing unless said otherwise.
    package init(
        known: @escaping @Sendable () -> [String: [String]] = { [:] },
        fallBack: @escaping @Sendable ([String: [String]]) -> Void = { _ in },
        stoodIn: @escaping @Sendable () -> [String: [String]] = { [:] },
        late: @escaping @Sendable (Set<String>, Duration) async -> [String: [String]] = { _, _ in
            [:]
        },
        forget: @escaping @Sendable () -> Void = {}
    ) {
        self.known = known
        self.fallBack = fallBack
        self.stoodIn = stoodIn
        self.late = late
        self.forget = forget
    }
}

extension Intent {
    /// The same, with the addresses of the hosts that it speaks of.
    ///
    /// Others are not for a way back, and their names may hold a secret that a recipe only refers to.
    package func knowing(_ addresses: [String: [String]]) -> Intent {
        var intent = self
        let mentioned = addresses.filter { speaks(of: $0.key) }
        intent.addresses = mentioned.isEmpty ? nil : mentioned
        return intent
    }

    func speaks(of host: String) -> Bool {
        recipes.contains { $0.settings.contains(host) } || entrance?.speaks(of: host) == true
    }
}

extension Entrance {
    fileprivate func speaks(of host: String) -> Bool {
        url.contains(host) || connectTo?.contains(host) == true
            || direct.values.contains { $0.contains(host) }
    }
}
