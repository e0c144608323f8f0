import Synchronization

/// What several doubles did, in the order in which they did it.
package final class Diary: Sendable {
    private let kept = Mutex<[String]>([])

    package init() {}

    package func note(_ line: String) {
        kept.withLock { $0.append(line) }
    }

    package var lines: [String] { kept.withLock { $0 } }
}
