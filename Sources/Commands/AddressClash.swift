import Contracts
import PipelineModel
import Routers

/// Two of a service's addresses that lead to the same place: only one program can listen there. Pure.
struct AddressClash {
    let first: String
    let second: String
    let address: NetworkAddress

    /// Every pair of `places` that meets, in their order.
    static func all(in places: [(name: String, address: NetworkAddress)]) -> [AddressClash] {
        places.enumerated().flatMap { index, place in
            places[..<index].filter { $0.address.meets(place.address) }.map {
                AddressClash(first: $0.name, second: place.name, address: place.address)
            }
        }
    }
}

extension Pipeline {
    /// Reports where the embedded proxy would listen on the address of something else.
    func checkAddresses() {
        for router in routers where router.kind == EmbeddedRouter.kind {
            guard let plan = EmbeddedSettings(router.section)?.plan else { continue }
            let own = [
                ("listen", plan.listen), ("preview", plan.preview), ("metrics", plan.metrics),
            ].compactMap { name, address in address.map { (name, $0) } }
            let applications = Color.allCases.compactMap { color in
                applicationAddress(color).map { ("colors.\(color)", $0) }
            }
            let names = own.map(\.0)
            for clash in AddressClash.all(in: applications + own) where names.contains(clash.second)
            {
                router.section.report.error(
                    at: router.section.position(of: clash.second),
                    "'\(clash.second)' is the address of \(clash.first) too",
                    hint: "only one program can listen on \(clash.address)")
            }
        }
    }

    private func applicationAddress(_ color: Color) -> NetworkAddress? {
        // Why it is no address was said when it was read.
        guard let address = colors[color].flatMap({ try? WebAddress($0.url) }) else { return nil }
        return NetworkAddress(bracketed: address.host, port: address.port)
    }
}

extension NetworkAddress {
    /// Whether both are one place. Who listens everywhere also listens on this machine's own address.
    fileprivate func meets(_ other: NetworkAddress) -> Bool {
        guard port == other.port else { return false }
        return host == other.host || covers(other) || other.covers(self)
    }

    private func covers(_ other: NetworkAddress) -> Bool {
        switch host {
        case "0.0.0.0", "::", "*": other.isLocal || ["0.0.0.0", "::", "*"].contains(other.host)
        case "localhost": ["127.0.0.1", "::1"].contains(other.host)
        default: false
        }
    }

    private var isLocal: Bool { ["localhost", "::1"].contains(host) || host.hasPrefix("127.") }
}
