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
    /// The folders in which a tool was asked, and the authorities with which an address was.
    private let places = Mutex<[String?]>([])

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
            places.withLock { $0.append(request.directory) }
            return ProcessResult(ending: .exited(0), output: "blue\n")
        }
        world.http.send = { [self] request throws(HTTPFailure) in
            places.withLock { $0.append(request.caFile) }
            return HTTPAnswer(status: 200, body: Array("blue".utf8))
        }
        return Session(
            world: world, terminal: TerminalRecording().terminal, stop: StopRequest(),
            proxy: shop.production.proxyHost, output: try OutputOptions.parse([]),
            secrets: Secrets())
    }

    private func workplace() throws -> Workplace {
        try Workplace.open(PlaceOptions.parse(Self.files), in: session())
    }

    /// Where something was asked meanwhile.
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
        return places.withLock { places in
            defer { places = [] }
            return places
        }
    }

    private func rollBack(_ words: [String]) throws -> [String?] {
        let sources = try RollbackSources(PlaceOptions.parse(words), settings: nil, in: session())
        return asked {
            var sources = sources
            _ = await sources.look()
        }
    }

    /// Asks the public address as a rollback proves its switch.
    private func prove(_ words: [String]) throws -> [String?] {
        let session = try session()
        let sources = try RollbackSources(PlaceOptions.parse(words), settings: nil, in: session)
        let prober = sources.prober(session.world)
        return asked { _ = await prober?.askPublic(timeout: .seconds(1)) }
    }

    /// Leaves a record of a deploy that knows its router, and its entrance, as the pipeline says it.
    private func deploy() throws {
        var intent = Trouble.intent(.green, Token(epoch: 3, round: 2))
        let workplace = try workplace()
        intent.recipes = workplace.recipes
        intent.entrance = workplace.identity?.entrance
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

    @Test func `authorities were looked for in the working directory`() throws {
        write("public:\n  caFile: ca.pem")
        let identity = try workplace().identity
        let whole = ["/srv/shop/shop/ca.pem"]
        #expect(asked { _ = await identity?.askPublic(timeout: .seconds(1)) } == whole)
        #expect(try prove(Self.files) == whole)
        try deploy()
        shop.files["shop/bluegreen.yaml"] = nil
        #expect(try prove(["--service", "shop", "--state", ".bluegreen"]) == whole)
    }

    @Test func `authorities of an API were looked for there, too`() throws {
        shop.write(
            "routers/tool.yaml",
            """
            router:
              http:
                read: {url: "https://lb.test/shop"}
                switch: {url: "https://lb.test/shop"}
                class: S
                durable: true
                caFile: ca.pem
            """)
        let workplace = try workplace()
        #expect(asked { _ = try await workplace.situation() } == ["shop/ca.pem"])
        #expect(try rollBack(Self.files) == ["shop/ca.pem"])
        try deploy()
        shop.files["shop/bluegreen.yaml"] = nil
        #expect(
            try rollBack(["--service", "shop", "--state", ".bluegreen"])
                == ["/srv/shop/shop/ca.pem"])
    }
}
