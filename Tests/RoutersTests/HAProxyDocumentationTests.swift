import Foundation
import Testing
import TrafficRig

@testable import Routers

/// What we tell people to paste must be what we tested.
@Suite struct HAProxyDocumentationTests {
    private static let snippet = HAProxySnippet(plan: .shown)

    /// The blocks of HAProxy configuration in the manual, in order.
    private static func blocks() throws -> [String] {
        try Repository.file("docs/routers/haproxy.md").components(separatedBy: "```haproxy\n")
            .dropFirst()
            .compactMap { $0.components(separatedBy: "```").first }
    }

    @Test func `the manual shows what init writes`() throws {
        #expect(try Self.blocks().first == Self.snippet.configuration)
        let manual = try Repository.file("docs/routers/haproxy.md")
        #expect(manual.contains(Self.snippet.mapFile))
        #expect(manual.contains(Self.snippet.pipeline))
    }

    @Test func `the example is what init writes`() throws {
        let configuration = try Repository.file("examples/haproxy/haproxy.cfg")
        #expect(configuration.hasSuffix(Self.snippet.configuration))
        #expect(try Repository.file("examples/haproxy/bluegreen.map") == Self.snippet.mapFile)
        #expect(
            try Repository.file("examples/haproxy/bluegreen.yaml").contains(Self.snippet.pipeline))
    }

    @Test(.enabled(if: isProgramWanted("haproxy")))
    func `HAProxy takes every configuration that the manual shows`() throws {
        let blocks = try Self.blocks()
        #expect(blocks.count == 3)
        #expect(try Self.check([blocks[0]]) == 0)
        #expect(try Self.check([blocks[1], blocks[2]]) == 0)
        #expect(try Self.check([try Repository.file("examples/haproxy/haproxy.cfg")]) == 0)
        #expect(try Self.check(["nonsense\n"]) != 0)
    }

    /// The exit status of `haproxy -c` for these files; warnings count as mistakes.
    private static func check(_ configurations: [String]) throws -> Int32 {
        let folder = try TemporaryFolder()
        try folder.write("bluegreen.map", snippet.mapFile)
        let timeouts = "defaults\n timeout connect 1s\n timeout client 5s\n timeout server 5s\n"
        try folder.write("0.cfg", timeouts)
        let process = Process()
        process.executableURL = URL(filePath: try #require(RealHAProxy.program))
        process.arguments = ["-c", "-q", "-dW", "-f", "\(folder.path)/0.cfg"]
        for (index, text) in configurations.enumerated() {
            let moved = text.replacing("/etc/haproxy", with: folder.path)
                .replacing("/run/haproxy", with: folder.path)
            try folder.write("\(index + 1).cfg", moved)
            process.arguments?.append(contentsOf: ["-f", "\(folder.path)/\(index + 1).cfg"])
        }
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
