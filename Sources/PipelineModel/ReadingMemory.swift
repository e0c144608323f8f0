import Synchronization

/// What readings gave, each by the whole text that was read: for a process that reads the same texts
/// thousands of times. The program has none; what plays its histories has.
package final class ReadingMemory: Sendable {
    private struct Key: Hashable {
        private let texts: [[UInt8]]
        private let kind: ObjectIdentifier
        private let hash: Int

        /// Hashed here, so that nobody waits for it.
        init(_ texts: [[UInt8]], _ kind: ObjectIdentifier) {
            (self.texts, self.kind) = (texts, kind)
            var hasher = Hasher()
            hasher.combine(kind)
            for text in texts { text.withUnsafeBytes { hasher.combine(bytes: $0) } }
            hash = hasher.finalize()
        }

        func hash(into hasher: inout Hasher) { hasher.combine(hash) }
    }

    /// More are forgotten, all at once: old histories do not come back.
    private static let limit = 10_000

    private let known = Mutex<[Key: any Sendable]>([:])

    package init() {}

    /// What `read` gave before for these texts, else what it gives now. It must not depend on anything
    /// else; where it gives nothing, it is asked again.
    fileprivate func value<Value: Sendable>(
        of texts: [[UInt8]], read: () throws -> Value?
    ) rethrows -> Value? {
        let key = Key(texts, ObjectIdentifier(Value.self))
        if let value = known.withLock({ $0[key] }) as? Value { return value }
        guard let value = try read() else { return nil }
        known.withLock { known in
            if known.count >= Self.limit { known = [:] }
            known[key] = value
        }
        return value
    }
}

extension ReadingMemory? {
    /// Without a memory it is read each time.
    package func value<Value: Sendable>(
        of texts: [UInt8]..., read: () throws -> Value?
    ) rethrows -> Value? {
        try value(of: texts, read: read)
    }

    package func value<Value: Sendable>(
        of texts: [[UInt8]], read: () throws -> Value?
    ) rethrows -> Value? {
        guard let self else { return try read() }
        return try self.value(of: texts, read: read)
    }
}
