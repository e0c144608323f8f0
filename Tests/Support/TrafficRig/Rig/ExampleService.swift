import FoundationEssentials

/// An `example-backend` process of its own: one colour of the shop.
package struct ExampleService: Sendable {
    package let port: Int
    package let process: ChildProcess

    package var url: String { "http://127.0.0.1:\(port)" }

    /// Starts it and waits until it answers; `options` are more words of its command line,
    /// such as `["--errors", "20"]`.
    package static func start(
        color: String, version: String, port: Int? = nil, options: [String] = [],
        logs: TemporaryFolder
    ) async throws -> ExampleService {
        let port = try port ?? FreePort.next()
        let service = ExampleService(
            port: port,
            process: try ChildProcess(
                [
                    Products.exampleBackend, "--port", "\(port)", "--color", color,
                    "--version", version,
                ] + options, logs: logs, name: "\(color)-\(version)-\(port)"))
        do {
            try await service.waitUntilListening()
        } catch {
            service.process.killAtOnce()
            throw error
        }
        return service
    }

    private func waitUntilListening() async throws {
        try await eventually("the example backend on port \(port)") {
            if let ending = process.endedAs {
                throw RigFailure("it ended as \(ending): \(process.errors)")
            }
            return process.output.contains("listening on 127.0.0.1:\(port)")
        }
    }

    package func statistics() async throws -> BackendStatistics {
        try await ask("/stats")
    }

    package func orders() async throws -> BackendOrders {
        try await ask("/orders")
    }

    /// Makes the running release better or worse.
    package func behave(_ faults: Faults) async throws {
        let body = String(decoding: try JSONEncoder().encode(faults), as: UTF8.self)
        let answer = try await FreshRequest("POST", url + "/control", body: [body]).send()
        guard answer.status == 200 else { throw RigFailure("control answered \(answer)") }
    }

    private func ask<Answer: Decodable>(_ path: String) async throws -> Answer {
        let answer = try await FreshRequest("GET", url + path).send()
        return try JSONDecoder().decode(Answer.self, from: Data(answer.body.utf8))
    }
}
