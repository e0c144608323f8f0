import Contracts
import Foundation
import Testing

@testable import Routers

/// What we tell people to paste must be what we tested.
@Suite struct DocumentationTests {
    private static let routers: [any ConfigurableRouter.Type] = RouterCatalog.all.compactMap {
        // Of HAProxy there is more to hold; the embedded proxy has no folder of examples.
        [HAProxyRouter.kind, EmbeddedRouter.kind].contains($0.kind)
            ? nil : $0 as? any ConfigurableRouter.Type
    }

    @Test(arguments: routers.map { $0.kind })
    func `the manual and the example show what init writes`(kind: String) throws {
        let router = try #require(Self.routers.first { $0.kind == kind })
        let start = router.startingPoint(.shown)
        let manual = try Repository.file("docs/routers/\(kind).md")
        #expect(manual.contains(start.pipeline))
        #expect(try Repository.file("examples/\(kind)/bluegreen.yaml").contains(start.pipeline))
        for file in start.files {
            let name = try #require(file.path.split(separator: "/").last)
            // A single line is told in words.
            let isShown = manual.contains(file.text) || file.text.count { $0 == "\n" } < 2
            #expect(isShown, "\(name)")
            #expect(manual.contains(file.path))
            #expect(try Repository.file("examples/\(kind)/\(name)") == file.text)
        }
    }

    @Test(arguments: RouterCatalog.all.compactMap { ($0 as? any ConfigurableRouter.Type)?.kind })
    func `a file that init writes was in no command of its page`(kind: String) throws {
        let router = RouterCatalog.all.first { $0.kind == kind } as? any ConfigurableRouter.Type
        let start = try #require(router).startingPoint(.shown)
        let commands = try Repository.file("docs/routers/\(kind).md").split(separator: "\n")
            .filter { $0.hasPrefix("install -") }
            .map { $0.split(separator: " ").map(String.init) }
        for file in start.files {
            let name = try #require(file.path.split(separator: "/").last)
            let words = ["\(kind)/\(name)", file.path]
            #expect(commands.contains { $0.suffix(2) == words[...] }, "\(words)")
        }
        for folder in start.folders {
            #expect(
                commands.contains { $0[1] == "-d" && $0.contains(folder) }, "\(folder)")
        }
    }

    @Test(arguments: RouterCatalog.all.map { $0.kind })
    func `every router has a page that the table of routers leads to`(kind: String) throws {
        #expect(try Repository.file("docs/routers/README.md").contains("](\(kind).md)"))
        #expect(try !Repository.file("docs/routers/\(kind).md").isEmpty)
    }

    /// Debian's unit of Caddy has a user of its own, who cannot become another one; none starts in the
    /// folder of the pipeline. Both failed behind a `-`, and the proxy began with its old colour.
    @Test func `the line for a unit of a proxy failed without a word`() throws {
        let lines = try Repository.file("docs/guides/fleet.md").split(separator: "\n")
            .filter { $0.hasPrefix("ExecStartPre=") }
        #expect(lines.count == 2)
        for line in lines {
            #expect(line.hasPrefix("ExecStartPre=-+/usr/sbin/runuser -u deploy -- /"), "\(line)")
            #expect(line.contains(" router sync -f /srv/shop/bluegreen.yaml --from "), "\(line)")
        }
    }
}
