import Contracts
import Foundation
import Testing

@testable import Routers

/// What we tell people to paste must be what we tested.
@Suite struct GenericDocumentationTests {
    private static let plan = StartingPlan(
        service: "shop", listen: "127.0.0.1:8080", blue: "127.0.0.1:8081", green: "127.0.0.1:8082")

    private static let routers: [any ConfigurableRouter.Type] = [
        ExecRouter.self, HTTPRouter.self, SymlinkRouter.self,
    ]

    private static func file(_ path: String) throws -> String {
        let top = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: top.appending(path: path), encoding: .utf8)
    }

    @Test(arguments: routers.map { $0.kind })
    func `the manual and the example show what init writes`(kind: String) throws {
        let router = try #require(Self.routers.first { $0.kind == kind })
        let start = router.startingPoint(Self.plan)
        let manual = try Self.file("docs/routers/\(kind).md")
        #expect(manual.contains(start.pipeline))
        #expect(try Self.file("examples/\(kind)/bluegreen.yaml").contains(start.pipeline))
        for file in start.files {
            let name = try #require(file.path.split(separator: "/").last)
            #expect(manual.contains(file.text))
            #expect(try Self.file("examples/\(kind)/\(name)") == file.text)
        }
    }

    @Test(arguments: RouterCatalog.all.map { $0.kind })
    func `every router has a page that the table of routers leads to`(kind: String) throws {
        #expect(try Self.file("docs/routers/README.md").contains("](\(kind).md)"))
        #expect(try !Self.file("docs/routers/\(kind).md").isEmpty)
    }
}
