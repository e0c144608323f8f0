import Testing
import TrafficRig

/// Every test of the built program against real proxies that are switched by a file; one after the
/// other, as they measure.
@Suite(.serialized)
enum RealSlots {
    /// What is installed of those that stand before a shop.
    static let proxies = ProxyKind.proxies.filter(\.isWanted)
    /// The other ways to switch two of them.
    static let fallbacks = [ProxyKind.reloadedNginx, .caddyByAPI()].filter(\.isWanted)
    /// Those with a slot file.
    static let slots = ProxyKind.slots.filter(\.isWanted)
    /// Those that say themselves what they serve, and count.
    static let talkers = ProxyKind.talkers.filter(\.isWanted)
    /// HAProxy as `init` sets it up; what else it has to show, `RealHAProxy` does.
    static let haproxy = [ProxyKind.haproxy].filter(\.isWanted)
    /// As `init` sets them up, one way for each.
    static let begun = [ProxyKind.caddy, .nginx, .apache, .envoy, .traefik, .haproxy]
        .filter(\.isWanted)
    /// Those that say what is under way on each colour.
    static let drainers = [ProxyKind.envoy, .envoyByLayer, .haproxy].filter(\.isWanted)
    /// Those that give shares, and let testers in.
    static let sharers = talkers + haproxy
    /// Those that count requests.
    static let counters = (ProxyKind.talkers + [.nginx]).filter(\.isWanted)
    /// What each of them counts beside errors, and what is kept by any answer.
    static let counted: [(ProxyKind, String, String)] =
        (counters + haproxy).map { ($0, "requestRate", ">= 10") }
        + [(.haproxy, "averageResponseTime", "< 5s"), (.nginx, "averageResponseTime", "< 5s")]
        .filter { $0.0.isWanted }
}
