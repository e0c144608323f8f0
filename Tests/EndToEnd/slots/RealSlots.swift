import Testing
import TrafficRig

/// Every test of the built program against real proxies that are switched by a file; one after the
/// other, as they measure.
@Suite(.serialized)
enum RealSlots {
    /// Those with a slot file.
    static let proxies = ProxyKind.slots.filter(\.isWanted)
}
