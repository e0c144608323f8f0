import TrafficRig

/// A HAProxy as other machines reach it: the addresses at which its sockets are opened to them.
struct OpenedHAProxy {
    /// As it stands under `router:`, without what only its own machine has.
    let settings: String
    let router: any FaultRouter

    /// Opens them at `host` while `body` runs; `kind` is one of HAProxy's.
    static func open(
        _ haproxy: HAProxyRig, _ kind: FaultRouterKind, on host: String,
        _ body: (OpenedHAProxy) async throws -> Void
    ) async throws {
        try await RuntimeGate.open(before: haproxy.socket, on: host) { runtime in
            guard kind == .register else {
                let opened = OpenedHAProxy(
                    settings: text(runtime.path, #""map": "\#(haproxy.mapFile)""#),
                    router: MapOfHAProxy(haproxy: haproxy))
                return try await body(opened)
            }
            try await RuntimeGate.open(before: haproxy.controlSocket, on: host) { control in
                let register =
                    #""variable": "\#(HAProxyConfiguration.variable)", "address": "\#(control.path)""#
                try await body(
                    OpenedHAProxy(
                        settings: text(runtime.path, #""register": {\#(register)}"#),
                        router: RegisterOfHAProxy(haproxy: haproxy)))
            }
        }
    }

    private static func text(_ address: String, _ datum: String) -> String {
        #"{"haproxy": {"address": "\#(address)", "key": "shop", \#(datum)}}"#
    }
}

extension FaultRouterKind {
    /// The ways of HAProxy: classes S and T.
    static let ofHAProxy = [FaultRouterKind.map, .register]

    var mechanism: HAProxyConfiguration.Mechanism {
        switch self {
        case .register: .register()
        case .map, .nginx, .reload, .caddy, .exec: .map()
        }
    }
}
