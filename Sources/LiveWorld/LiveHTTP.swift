import AsyncHTTPClient
import Contracts
import NIOCore
import NIOHTTP1

extension HTTP {
    static let live = HTTP(send: { request throws(HTTPFailure) in
        let route = try HTTPRoute(request)
        let began = KernelClock.sinceBoot
        do {
            let response = try await exchange(request, route)
            return HTTPAnswer(
                status: Int(response.status.code),
                headers: response.headers.map { HTTPField($0.name, $0.value) },
                body: response.body.map { Array($0.readableBytesView) } ?? [],
                elapsed: KernelClock.sinceBoot - began)
        } catch {
            throw HTTPFailure(error, route: route, request: request)
        }
    })

    /// The library's older way: its deadline covers the body too, and the whole answer comes at once.
    /// Its newer one costs several changes of thread more.
    private static func exchange(
        _ request: HTTPRequest, _ route: HTTPRoute
    ) async throws -> HTTPClient.Response {
        let message = try route.message(request)
        let task = HTTPClients.ofThisProcess.client(for: route.kind).execute(
            request: message,
            delegate: ResponseAccumulator(request: message, maxBodySize: request.bodyLimit),
            deadline: .now() + TimeAmount(request.timeout))
        return try await withTaskCancellationHandler {
            try await task.get()
        } onCancel: {
            task.cancel()
        }
    }
}
