import AsyncHTTPClient
import Contracts
import NIOCore
import NIOHTTP1

extension HTTP {
    static func live(_ names: NameBook) -> HTTP {
        HTTP(send: { request throws(HTTPFailure) in
            let route = try HTTPRoute(request)
            guard names.isNew(route.host) else { return try await answer(request, route, names) }
            async let _: Void = names.ask(route.host)
            return try await answer(request, route, names)
        })
    }

    private static func answer(
        _ request: HTTPRequest, _ route: HTTPRoute, _ names: NameBook
    ) async throws(HTTPFailure) -> HTTPAnswer {
        let began = KernelClock.sinceBoot
        do {
            let response = try await exchange(request, route, names)
            return HTTPAnswer(
                status: Int(response.status.code),
                headers: response.headers.map { HTTPField($0.name, $0.value) },
                body: response.body.map { Array($0.readableBytesView) } ?? [],
                elapsed: KernelClock.sinceBoot - began)
        } catch {
            let failure = HTTPFailure(error, route: route, request: request)
            guard names.isReplaced(route.host),
                [.refused, .timedOut, .reset].contains(failure.reason)
            else { throw failure }
            // What once was its address may be somebody else's: that says nothing of the host itself.
            throw HTTPFailure(
                .unresolved,
                "cannot resolve \(route.host); at its recorded address: \(failure.message)")
        }
    }

    /// Of several addresses that stand in for a name, the first that takes the connection answers.
    private static func exchange(
        _ request: HTTPRequest, _ route: HTTPRoute, _ names: NameBook
    ) async throws -> HTTPClient.Response {
        let addresses = await names.replacements(for: route.host)
        let deadline = NIODeadline.now() + TimeAmount(request.timeout)
        for address in addresses.dropLast() {
            do {
                return try await exchange(request, route, route.kind(through: address), deadline)
            } catch {
                let failure = HTTPFailure(error, route: route, request: request)
                guard failure.reason == .refused else { throw error }
            }
        }
        let kind = addresses.last.map(route.kind(through:)) ?? route.kind
        return try await exchange(request, route, kind, deadline)
    }

    /// The library's older way: its deadline covers the body too, and the whole answer comes at once.
    /// Its newer one costs several changes of thread more.
    private static func exchange(
        _ request: HTTPRequest, _ route: HTTPRoute, _ kind: HTTPClients.Kind,
        _ deadline: NIODeadline
    ) async throws -> HTTPClient.Response {
        let message = try route.message(request)
        let task = HTTPClients.ofThisProcess.client(for: kind).execute(
            request: message,
            delegate: ResponseAccumulator(request: message, maxBodySize: request.bodyLimit),
            deadline: deadline)
        return try await withTaskCancellationHandler {
            try await task.get()
        } onCancel: {
            task.cancel()
        }
    }
}
