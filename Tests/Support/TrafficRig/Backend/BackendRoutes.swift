import FoundationEssentials
import Glibc
import NIOHTTP1

/// Decides what an example backend answers; knows nothing of connections.
struct BackendRoutes: Sendable {
    /// An answer, and how long the user waits for it.
    enum Reply: Equatable {
        case answer(HTTPResponseStatus, body: String, afterMilliseconds: Int = 0)
        /// Server-sent events, one every so many milliseconds.
        case events(count: Int, everyMilliseconds: Int)
    }

    struct Request {
        var method: HTTPMethod
        var uri: String
        var headers: HTTPHeaders
        /// The first bytes of the body.
        var body: String
        /// The size of the whole body.
        var bodySize: Int
    }

    let settings: BackendSettings
    let memory: BackendMemory

    init(_ settings: BackendSettings) {
        self.settings = settings
        memory = BackendMemory(version: settings.version, faults: settings.faults)
    }

    private var identity: String {
        Self.json(Identity(color: settings.color, version: memory.version, pid: getpid()))
    }

    /// Counts a request as soon as its head has arrived: its body may take long.
    func count(_ head: HTTPRequestHead) {
        memory.count(
            path: Target(head.uri).root, isLoad: head.headers.contains(name: "x-load"),
            isProbe: head.headers.contains(name: "x-probe"))
    }

    func reply(to request: Request) -> Reply {
        let target = Target(request.uri)
        switch (request.method, target.root) {
        case (_, "/stats"): return .answer(.ok, body: Self.json(memory.statistics))
        case (.GET, "/orders"): return .answer(.ok, body: Self.json(memory.orders))
        case (_, "/control"): return control(request)
        case (_, "/healthz"):
            return isBroken ? broken : .answer(.ok, body: #"{"db":"ok"}"#)
        case (_, "/version"):
            return .answer(.ok, body: identity, afterMilliseconds: memory.faults.latency)
        default: return application(request, target)
        }
    }

    // MARK: The application: the part that a bad release breaks

    private func application(_ request: Request, _ target: Target) -> Reply {
        guard !isBroken else { return broken }
        let wait = memory.faults.latency
        guard !memory.nextRequestFails() else {
            return .answer(
                .internalServerError, body: #"{"error":"this release is bad"}"#,
                afterMilliseconds: wait)
        }
        switch (request.method, target.root) {
        case (.POST, "/orders"): return order(request, wait)
        case (.POST, "/carts"):
            let id = Self.json(["id": memory.openCart()])
            return .answer(.created, body: id, afterMilliseconds: wait)
        case (.GET, "/carts"): return cart(target, wait)
        case (.PUT, "/upload"), (.POST, "/upload"):
            let receipt = Receipt(bytes: request.bodySize, color: settings.color)
            return .answer(.ok, body: Self.json(receipt), afterMilliseconds: wait)
        case (.GET, "/slow"):
            return .answer(
                .ok, body: identity, afterMilliseconds: wait + target.number("ms", otherwise: 3000))
        case (.GET, "/big"):
            let size = target.number("bytes", otherwise: 1 << 20)
            return .answer(.ok, body: String(repeating: "x", count: size), afterMilliseconds: wait)
        case (.GET, "/stream"):
            return .events(
                count: target.number("count", otherwise: 10),
                everyMilliseconds: target.number("ms", otherwise: 100))
        case (.GET, "/"), (.HEAD, "/"): return .answer(.ok, body: identity, afterMilliseconds: wait)
        default: return .answer(.notFound, body: #"{"error":"no such page"}"#)
        }
    }

    private func order(_ request: Request, _ wait: Int) -> Reply {
        let id =
            request.headers.first(name: "idempotency-key")
            ?? request.headers.first(name: "x-request-id")
        guard let id else {
            return .answer(
                .badRequest, body: #"{"error":"an order needs Idempotency-Key or X-Request-Id"}"#)
        }
        memory.placeOrder(id)
        return .answer(.created, body: Self.json(["id": id]), afterMilliseconds: wait)
    }

    private func cart(_ target: Target, _ wait: Int) -> Reply {
        guard memory.hasCart(target.rest) else {
            return .answer(.notFound, body: #"{"error":"no such cart"}"#)
        }
        return .answer(.ok, body: Self.json(["id": target.rest]), afterMilliseconds: wait)
    }

    // MARK: The rig's own hands

    private func control(_ request: Request) -> Reply {
        struct Change: Decodable {
            /// As if another release had been started on this port.
            var version: String?
            var errors: Int?
            var latency: Int?
        }
        let change: Change
        do {
            change = try JSONDecoder().decode(Change.self, from: Data(request.body.utf8))
        } catch {
            return .answer(.badRequest, body: Self.json(["error": "\(error)"]))
        }
        var faults = memory.faults
        faults.errors = change.errors ?? faults.errors
        faults.latency = change.latency ?? faults.latency
        memory.faults = faults
        memory.version = change.version ?? memory.version
        return .answer(.ok, body: Self.json(faults))
    }

    private var isBroken: Bool {
        guard let file = settings.brokenWhen else { return false }
        return access(file, F_OK) == 0
    }

    private var broken: Reply {
        .answer(.serviceUnavailable, body: #"{"db":"down","error":"the database does not answer"}"#)
    }

    private static func json(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            preconditionFailure(
                "plain values of the backend can always be written as JSON: \(error)")
        }
    }
}

private struct Identity: Encodable {
    let color: String
    let version: String
    let pid: Int32
}

private struct Receipt: Encodable {
    let bytes: Int
    let color: String
}

/// The parts of `/carts/c1?ms=3`: root `/carts`, rest `c1`, numbers by name.
private struct Target {
    let root: String
    let rest: String
    private let query: Substring

    init(_ uri: String) {
        let halves = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = (halves.first ?? "").split(separator: "/", maxSplits: 1)
        root = "/" + (parts.first ?? "")
        rest = parts.count > 1 ? String(parts[1]) : ""
        query = halves.count > 1 ? halves[1] : ""
    }

    func number(_ name: String, otherwise: Int) -> Int {
        for pair in query.split(separator: "&") where pair.hasPrefix(name + "=") {
            return Int(pair.dropFirst(name.count + 1)) ?? otherwise
        }
        return otherwise
    }
}
