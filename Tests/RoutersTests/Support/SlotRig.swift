import Contracts
import PipelineModel
import TestWorld
import Testing

@testable import Routers

/// Proxies that look for a slot file, under the contract of all routers: as fakes and real.
struct SlotRig: RouterRig {
    let router: any Router
    let routerWithoutGreen: any Router
    private let traffic: () throws -> Color?
    private let again: () async throws -> Void

    static let kinds = SlotProxyKind.all.flatMap { kind in
        [false, true].flatMap { isReadBack in rigs(kind, isReadBack) }
    }

    private static func rigs(_ kind: SlotProxyKind, _ isReadBack: Bool) -> [RouterRigKind] {
        let name = "\(kind.router.kind)\(isReadBack ? ", read back" : "")"
        let fake = RouterRigKind(name: "fake \(name)") { try Self.fake(kind, isReadBack) }
        let real = RouterRigKind(name: "real \(name)") { try await Self.real(kind, isReadBack) }
        return kind.isWanted ? [fake, real] : [fake]
    }

    private static let elsewhere: Settings = ["slot": "/srv/none"]

    private static func fake(_ kind: SlotProxyKind, _ isReadBack: Bool) throws -> SlotRig {
        let fake = FakeSlot()
        return SlotRig(
            router: try kind.make(fake.settings(isReadBack: isReadBack), fake.world),
            routerWithoutGreen: try kind.make(elsewhere, fake.world),
            traffic: { fake.live }, again: {})
    }

    private static func real(_ kind: SlotProxyKind, _ isReadBack: Bool) async throws -> SlotRig {
        let proxy = try await RealSlotProxy(kind)
        let settings: Settings? = isReadBack ? nil : ["slot": .text(proxy.slot)]
        return SlotRig(
            router: try proxy.router(settings), routerWithoutGreen: try proxy.router(elsewhere),
            traffic: { try Color(rawValue: proxy.live()) },
            again: { try await proxy.restart() })
    }

    func liveInTraffic() throws -> Color? { try traffic() }
    func restart() async throws { try await again() }
}

/// A slot folder on a disk in memory, and a proxy that looks into it.
struct FakeSlot {
    static let folder = "/srv/shop"
    static let first = "blue:green:0:0\n"

    let disk = MemoryFiles()

    init(_ files: [String: String] = ["blue": first]) {
        disk["\(Self.folder)/README"] = []
        for (name, text) in files { self[name] = text }
    }

    subscript(name: String) -> String? {
        get { disk["\(Self.folder)/\(name)"].map { String(decoding: $0, as: UTF8.self) } }
        nonmutating set { disk["\(Self.folder)/\(name)"] = newValue.map { Array($0.utf8) } }
    }

    /// The colours that have a file.
    var names: [Color] { Color.allCases.filter { self[$0.rawValue] != nil } }

    /// What nginx would serve.
    var live: Color { names.contains(.green) ? .green : .blue }

    var world: World { world() }

    /// `answer` is what the proxy says when it is asked; `nil`: the truth.
    func world(answering answer: String? = nil) -> World {
        let disk = disk
        return RouterWorld.world(
            streams: Streams { (_) throws(StreamFailure) in
                if let answer { return Array(answer.utf8) }
                let isGreen = disk["\(Self.folder)/green"] != nil
                return Array("HTTP/1.1 200 OK\r\n\r\n\(isGreen ? "green" : "blue")\n".utf8)
            }, files: disk.files, locks: disk.locks)
    }

    func settings(isReadBack: Bool = false) -> Settings {
        let slot = Settings.text(Self.folder)
        return isReadBack
            ? ["slot": slot, "readBack": "http://127.0.0.1:8080/.bluegreen"] : ["slot": slot]
    }

    func router(isReadBack: Bool = false, world: World? = nil) throws -> any Router {
        try SlotProxyKind.nginx.make(settings(isReadBack: isReadBack), world ?? self.world)
    }
}
