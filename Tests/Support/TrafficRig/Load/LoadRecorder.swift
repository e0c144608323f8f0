import Glibc
import Synchronization

/// Collects what all lanes of one load saw.
final class LoadRecorder: Sendable {
    private struct State {
        var records: [LoadRecord] = []
        var connections = 0
        var orders = 0
    }

    private let state = Mutex(State())
    /// Makes the ids of orders unique among all loads of this machine.
    private let name = "\(getpid())-\(Monotonic.now())"

    var records: [LoadRecord] { state.withLock(\.records) }

    /// Without a copy of all records, for whoever asks often.
    var count: Int { state.withLock { $0.records.count } }

    func last(where condition: (LoadRecord) -> Bool) -> LoadRecord? {
        state.withLock { $0.records.last(where: condition) }
    }

    func add(_ record: LoadRecord) {
        state.withLock { $0.records.append(record) }
    }

    func nextConnection() -> Int {
        state.withLock { state in
            state.connections += 1
            return state.connections
        }
    }

    func nextOrder() -> String {
        state.withLock { state in
            state.orders += 1
            return "\(name)-\(state.orders)"
        }
    }
}
