import AsyncHTTPClient
import Contracts
import NIOCore
import NIOHTTP1

extension HTTP {
    static let live = HTTP(send: { request throws(HTTPFailure) in
        let route = try HTTPRoute(request)
        let began = KernelClock.sinceBoot
        do {
            let message = route.message(request)
            var answer = try await withDeadline(request.timeout) {
                try await receive(message, route, limit: request.bodyLimit)
            }
            answer.elapsed = KernelClock.sinceBoot - began
            return answer
        } catch {
            throw HTTPFailure(error, route: route, request: request)
        }
    })

    private static func receive(
        _ message: HTTPClientRequest, _ route: HTTPRoute, limit: Int
    ) async throws -> HTTPAnswer {
        let client = HTTPClients.ofThisProcess.client(for: route.kind)
        let response = try await client.execute(message, deadline: .distantFuture)
        var body: [UInt8] = []
        for try await part in response.body {
            guard body.count + part.readableBytes <= limit else { throw BodyTooLarge() }
            body.append(contentsOf: part.readableBytesView)
        }
        return HTTPAnswer(
            status: Int(response.status.code),
            headers: response.headers.map { HTTPField($0.name, $0.value) }, body: body)
    }
}

struct BodyTooLarge: Error {}
struct DeadlineReached: Error {}

/// The library's own deadline ends with the head of the answer; this one covers the body.
private func withDeadline<Value: Sendable>(
    _ timeout: Duration, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { race in
        defer { race.cancelAll() }
        race.addTask { try await work() }
        race.addTask {
            try await Task.sleep(for: timeout)
            throw DeadlineReached()
        }
        guard let first = try await race.next() else { throw CancellationError() }
        return first
    }
}
