/// What a proxy is carrying at one moment.
package struct ProxyLoad: Hashable, Sendable {
    package var connections = 0
    package var tunnels = 0
    /// Requests that wait for the end of a pause.
    package var held = 0
    /// Bytes that were read from one side and not yet written to the other.
    package var bufferedBytes = 0

    package init() {}
}

extension ProxyLoad {
    mutating func add(_ other: ProxyLoad) {
        connections += other.connections
        tunnels += other.tunnels
        held += other.held
        bufferedBytes += other.bufferedBytes
    }
}
