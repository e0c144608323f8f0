import Contracts
import Foundation
import PipelineModel
import TestWorld
import Testing

@testable import Routers

/// The link of a site, under the contract of all routers: on a disk in memory, and before a real nginx.
struct SymlinkRig: RouterRig {
    let router: any Router
    let routerWithoutGreen: any Router
    private let traffic: () throws -> Color?
    private let again: () async throws -> Void

    static let kinds =
        [false, true].map { isReadBack in
            RouterRigKind(name: "fake symlink\(isReadBack ? ", read back" : "")") {
                try fake(isReadBack)
            }
        }
        + (SlotProxyKind.nginx.isWanted
            ? [RouterRigKind(name: "real symlink") { try await real() }] : [])

    private static func fake(_ isReadBack: Bool) throws -> SymlinkRig {
        let site = FakeSite()
        return SymlinkRig(
            router: try site.router(isReadBack: isReadBack),
            routerWithoutGreen: try site.router(green: "nowhere"),
            traffic: { site.live }, again: {})
    }

    private static func real() async throws -> SymlinkRig {
        let site = try await RealSite()
        return SymlinkRig(
            router: try site.router(), routerWithoutGreen: try site.router(green: "nowhere"),
            traffic: { try Color(rawValue: site.live()) },
            again: { try await site.restart() })
    }

    func liveInTraffic() throws -> Color? { try traffic() }
    func restart() async throws { try await again() }
}

/// A site on a disk in memory, and a server that follows its link.
struct FakeSite {
    static let link = "/srv/shop/current"
    static let record = "/srv/shop/.current.bluegreen"

    let disk = MemoryFiles()

    init(_ target: String? = "blue", record: String? = nil) {
        disk.makeFolder("/srv/shop/blue")
        disk.makeFolder("/srv/shop/green")
        disk.makeLink(Self.link, to: target)
        disk[Self.record] = record.map { Array($0.utf8) }
    }

    var target: String? { disk.link(Self.link) }
    var record: String? { disk[Self.record].map { String(decoding: $0, as: UTF8.self) } }
    var live: Color? { target.flatMap(Color.init) }

    var world: World {
        let disk = disk
        return RouterWorld.world(
            streams: Streams { (_) throws(StreamFailure) in
                Array("HTTP/1.1 200 OK\r\n\r\n\(disk.link(Self.link) ?? "")\n".utf8)
            }, files: disk.files, locks: disk.locks)
    }

    func router(
        isReadBack: Bool = false, green: String = "green", world: World? = nil
    ) throws -> any Router {
        var settings: [(String, Settings)] = [
            ("link", .text(Self.link)), ("targets", ["green": .text(green)]),
        ]
        if isReadBack { settings.append(("readBack", "http://127.0.0.1:8080/color.txt")) }
        let made = SymlinkRouter(Settings.mapping(settings).section(), world: world ?? self.world)
        return try #require(made)
    }
}

/// A real nginx that serves files with what `init` writes, ended with the test.
final class RealSite {
    private let folder: TemporaryFolder
    private let port: Int
    private var process = Process()

    init() async throws {
        folder = try TemporaryFolder()
        port = try FreePort.find()
        let (blue, green) = (try FreePort.find(), try FreePort.find())
        for name in ["", "/blue", "/green"] {
            try FileManager.default.createDirectory(
                atPath: folder.path + name, withIntermediateDirectories: true)
            // Workers are another user where the tests run as root.
            #expect(chmod(folder.path + name, 0o755) == 0)
        }
        for color in Color.allCases {
            try folder.write("\(color)/color.txt", "\(color)\n")
            #expect(chmod("\(folder.path)/\(color)/color.txt", 0o644) == 0)
        }
        #expect(symlink("blue", "\(folder.path)/current") == 0)
        let plan = StartingPlan(
            service: "shop", listen: "127.0.0.1:\(port)", blue: "127.0.0.1:\(blue)",
            green: "127.0.0.1:\(green)")
        let snippet = SymlinkSnippet(plan: plan, siteFolder: folder.path)
        let (one, other) = (try FreePort.find(), try FreePort.find())
        let main = SlotProxyKind.nginx.main(snippet.configuration, one, other, folder.path)
        try folder.write("main.conf", main)
        try await start()
    }

    deinit { stop() }

    func router(green: String = "green") throws -> any Router {
        let settings: Settings = [
            "link": .text("\(folder.path)/current"), "targets": ["green": .text(green)],
            "readBack": .text("http://127.0.0.1:\(port)/color.txt"),
        ]
        let made = SymlinkRouter(settings.section(), world: RealSlotProxy.world)
        return try #require(made)
    }

    func live() throws -> String {
        let request = StreamRequest(
            .tcp(host: "127.0.0.1", port: port),
            bytes: Array("GET /color.txt HTTP/1.0\r\nhost: x\r\n\r\n".utf8), timeout: .seconds(2))
        let answer = String(
            decoding: try BlockingExchange.exchange(request, isClosing: false), as: UTF8.self)
        let body = answer.components(separatedBy: "\r\n\r\n").last ?? ""
        return body.trimmingCharacters(in: .newlines)
    }

    func restart() async throws {
        stop()
        process = Process()
        try await start()
    }

    private func start() async throws {
        process.executableURL = URL(
            filePath: try #require(SlotProxyKind.nginx.program, "it is missing"))
        process.arguments = SlotProxyKind.nginx.arguments(folder.path)
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let deadline = ContinuousClock.now + .seconds(300)
        while ContinuousClock.now < deadline {
            // Not reachable is the ordinary case while it starts; the deadline decides.
            if (try? live()).map({ Color(rawValue: $0) != nil }) == true { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("nginx did not get ready")
    }

    private func stop() {
        process.terminate()
        process.waitUntilExit()
    }
}
