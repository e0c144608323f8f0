/// The whole scene: two colours of the shop behind one HAProxy.
package struct Shop: Sendable {
    package let folder: TemporaryFolder
    package let blue: ExampleService
    package let green: ExampleService
    package let haproxy: HAProxyRig

    package var url: String { haproxy.url }

    /// While this file exists, both colours answer 503: their database is gone.
    package var brokenFile: String { folder.file(Self.brokenName) }
    private static let brokenName = "database-is-down"

    /// Opens a shop on blue, runs `body`, and ends every process, however `body` ends.
    package static func open<Result>(
        _ mechanism: HAProxyConfiguration.Mechanism = .map(), blue: [String] = [],
        green: [String] = [], _ body: (Shop) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryFolder { folder in
            let broken = ["--broken-when", folder.file(brokenName)]
            let blue = try await ExampleService.start(
                color: "blue", version: "1.0.0", options: broken + blue, logs: folder)
            defer { blue.process.killAtOnce() }
            let green = try await ExampleService.start(
                color: "green", version: "2.0.0", options: broken + green, logs: folder)
            defer { green.process.killAtOnce() }
            let configuration = HAProxyConfiguration(
                mechanism, blue: [blue.port], green: [green.port])
            return try await HAProxyRig.open(configuration, in: folder) { haproxy in
                try await body(Shop(folder: folder, blue: blue, green: green, haproxy: haproxy))
            }
        }
    }
}
