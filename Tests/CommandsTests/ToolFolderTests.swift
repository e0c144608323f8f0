import ArgumentParser
import Console
import Contracts
import PipelineModel
import RunEngine
import ShopRig
import StateStores
import Synchronization
import TestWorld
import Testing

@testable import Commands

/// Where a relative path of the pipeline starts, whoever reads it.
@Suite final class ToolFolderTests: Sendable {
    private static let files = ["-f", "shop/bluegreen.yaml", "-f", "routers/tool.yaml"]

    private let shop = Shop(pipeline: nil)
    private let folders = Mutex<[String?]>([])

    init() {
        shop.write(
            "shop/bluegreen.yaml",
            Shop.pipeline.replacing("router: errorRate", with: "probe: errorRate"))
        write()
    }

    private func write(_ more: String = "") {
        shop.write(
            "routers/tool.yaml",
            """
            router:
              exec:
                read: ["./traffic", "read"]
                switch: ["./traffic", "switch", "${color}"]
            \(more)
            """)
    }

    private func session() throws -> Session {
        var world = shop.world
        world.processes.run = { [self] request throws(Failure) in
            folders.withLock { $0.append(request.directory) }
            return ProcessResult(ending: .exited(0), output: "blue\n")
        }
        return Session(
            world: world, terminal: TerminalRecording().terminal, stop: StopRequest(),
            proxy: shop.production.proxyHost, output: try OutputOptions.parse([]),
            secrets: Secrets())
    }

    private func workplace() throws -> Workplace {
        try Workplace.open(PlaceOptions.parse(Self.files), in: session())
    }

    /// In which folders the tool was asked meanwhile.
    private func asked(_ body: @escaping @Sendable () async throws -> Void) -> [String?] {
        let failed = shop.simulation.run { () -> String? in
            do {
                try await body()
                return nil
            } catch {
                return "\(error)"
            }
        }
        if let failed = failed ?? nil { Issue.record("\(failed)") }
        return folders.withLock { folders in
            defer { folders = [] }
            return folders
        }
    }

    private func rollBack(_ words: [String]) throws -> [String?] {
        let sources = try RollbackSources(PlaceOptions.parse(words), settings: nil, in: session())
        return asked {
            var sources = sources
            _ = await sources.look()
        }
    }

    /// Leaves a record of a deploy that knows its router as the pipeline says it.
    private func deploy() throws {
        var intent = Trouble.intent(.green, Token(epoch: 3, round: 2))
        intent.recipes = try workplace().recipes
        _ = shop.begin(Trouble.plan(), Trouble.ready + [.switchIntended(intent)], isAlive: false)
    }

    @Test func `a tool in a second file is looked for beside the first, by every verb`() throws {
        let workplace = try workplace()
        #expect(asked { _ = try await workplace.situation() } == ["shop"])
        #expect(try rollBack(Self.files) == ["shop"])
    }

    @Test func `a relative folder of a tool starts there too`() throws {
        write("    directory: tools")
        let workplace = try workplace()
        #expect(asked { _ = try await workplace.situation() } == ["shop/tools"])
        #expect(try rollBack(Self.files) == ["shop/tools"])
    }

    @Test func `a relative folder of a step starts there too`() throws {
        write("deploy:\n  - run: [./start]\n    directory: bin")
        #expect(try workplace().pipeline.deploy.map(\.directory) == ["shop/bin"])
    }

    @Test func `a record leads to the same tool from every folder`() throws {
        try deploy()
        shop.files["shop/bluegreen.yaml"] = nil
        #expect(
            try rollBack(["--service", "shop", "--state", ".bluegreen"]) == ["/srv/shop/shop"])
    }
}
