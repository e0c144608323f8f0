import Synchronization

/// Counts the clients of all event loops, and says who may come in.
final class Admission: Sendable {
    enum Answer: Equatable {
        case admitted
        case full
        case peerHasTooMany
    }

    private struct Guests {
        var total = 0
        var perPeer: [String: Int] = [:]
    }

    private let limit: Int
    private let limitPerPeer: Int?
    private let guests = Mutex(Guests())

    init(_ limits: ProxyLimits) {
        limit = limits.connections
        limitPerPeer = limits.connectionsPerPeer
    }

    /// Every call, whatever it answers, is followed by one of `leave(_:)`.
    func enter(_ peer: String) -> Answer {
        guests.withLock { guests in
            guests.total += 1
            guard guests.total <= limit else { return .full }
            guard let limitPerPeer else { return .admitted }
            let ofPeer = guests.perPeer[peer, default: 0] + 1
            guests.perPeer[peer] = ofPeer
            return ofPeer <= limitPerPeer ? .admitted : .peerHasTooMany
        }
    }

    func leave(_ peer: String, after answer: Answer) {
        guests.withLock { guests in
            guests.total -= 1
            guard answer != .full, let count = guests.perPeer[peer] else { return }
            guests.perPeer[peer] = count > 1 ? count - 1 : nil
        }
    }
}
