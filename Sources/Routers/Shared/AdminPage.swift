import Contracts
import PipelineModel

/// What a proxy says about itself over HTTP; every question has a connection of its own.
struct AdminPage: Sendable {
    private static let limit = Duration.milliseconds(500)
    private static let sizeLimit = 8 << 20

    /// For people: `nginx`.
    let proxy: String
    /// Its page in docs/routers.
    let manual: String
    /// The key of the pipeline file in which the address stands, for advice.
    let setting: String
    /// `http://`
    let address: WebAddress
    let streams: Streams

    struct Answer: Hashable, Sendable {
        let status: Int
        let body: [UInt8]
        /// The `ETag`, of the head or of the trailers.
        var entityTag: String?
    }

    /// A request: by itself a question.
    struct Order: Sendable {
        var method = "GET"
        /// Whole lines.
        var fields: [String] = []
        var body = ""
        var limit = AdminPage.limit
    }

    /// Asks for the address with `path` at its end. Has no side effect.
    func ask(_ path: String = "") async throws(Failure) -> Answer {
        let answer: [UInt8]
        do throws(StreamFailure) {
            answer = try await exchange(Order(), path)
        } catch {
            throw unreachable(error)
        }
        guard let read = Self.answer(answer) else {
            throw garbled("is no whole answer of HTTP", answer)
        }
        return read
    }

    func exchange(
        _ order: Order, _ path: String = ""
    ) async throws(StreamFailure) -> [UInt8] {
        try await streams.exchange(
            StreamRequest(
                endpoint, bytes: Array(text(order, path).utf8), timeout: order.limit,
                answerLimit: Self.sizeLimit, keepsOpen: true))
    }

    /// Whether certainly nobody listens at the address.
    func isDown() async -> Bool {
        do throws(StreamFailure) {
            _ = try await exchange(Order())
            return false
        } catch {
            return error.isNobodyThere
        }
    }

    func unreachable(_ failure: StreamFailure) -> Failure {
        Failure(
            .routerUnreachable, "\(proxy) did not answer at \(self).",
            evidence: [Evidence.line(failure.message)],
            hint: "Check that it runs, and '\(setting)' in the pipeline.")
    }

    func garbled(_ trouble: String, _ answer: some Collection<UInt8>) -> Failure {
        Failure(
            .routerGarbled, "What \(self) answers \(trouble).", evidence: [Evidence.line(answer)],
            hint: "Compare '\(setting)' with docs/routers/\(manual).md.")
    }

    private func text(_ order: Order, _ path: String) -> String {
        let place = address.rest + path
        let target = place.hasPrefix("/") ? place : "/" + place
        let length = order.body.isEmpty ? [] : ["content-length: \(order.body.utf8.count)"]
        let head =
            [
                "\(order.method) \(target) HTTP/1.1", "host: \(address.host):\(address.port)",
                "connection: close",
            ] + order.fields + length
        return head.joined(separator: "\r\n") + "\r\n\r\n" + order.body
    }

    private var endpoint: StreamRequest.Endpoint {
        .tcp(host: address.host.filter { !"[]".contains($0) }, port: address.port)
    }

    /// `nil` for anything but a whole answer: a head with a status, and a body as long as the head says.
    static func answer(_ bytes: [UInt8]) -> Answer? {
        let isHTTP = ["HTTP/1.0 ", "HTTP/1.1 "].contains { bytes.starts(with: $0.utf8) }
        guard isHTTP, let gap = bytes[...].firstPlace(of: "\r\n\r\n"), gap.lowerBound >= 12,
            let status = Int(String(decoding: bytes[9..<12], as: UTF8.self))
        else { return nil }
        let head = String(decoding: bytes[..<gap.lowerBound], as: UTF8.self)
        let body = bytes[gap.upperBound...]
        let tag = values(of: "etag", in: head).first
        let codings = values(of: "transfer-encoding", in: head).map { $0.lowercased() }
        guard codings.isEmpty else {
            guard codings == ["chunked"], let (whole, trailers) = unchunked(body) else {
                return nil
            }
            let late = values(of: "etag", in: String(decoding: trailers, as: UTF8.self)).first
            return Answer(status: status, body: whole, entityTag: tag ?? late)
        }
        let lengths = values(of: "content-length", in: head)
        guard lengths.allSatisfy({ Int($0) == body.count }) else { return nil }
        return Answer(status: status, body: Array(body), entityTag: tag)
    }

    private static func values(of name: String, in head: String) -> [String] {
        head.split(separator: "\r\n")
            .filter { $0.prefix(name.count + 1).lowercased() == "\(name):" }
            .map { String($0.dropFirst(name.count + 1).trimmingPrefix { $0 == " " }) }
    }

    /// RFC 9112 section 7.1: the body, and what comes after it. `nil` where the last chunk is missing.
    private static func unchunked(
        _ body: ArraySlice<UInt8>
    ) -> (body: [UInt8], trailers: ArraySlice<UInt8>)? {
        var (rest, whole) = (body, [UInt8]())
        while let end = rest.firstPlace(of: "\r\n") {
            let size = rest[..<end.lowerBound].prefix { $0 != UInt8(ascii: ";") }
            guard let count = Int(String(decoding: size, as: UTF8.self), radix: 16),
                (0...body.count).contains(count),
                rest[end.upperBound...].count >= count + 2
            else { return nil }
            if count == 0 { return (whole, rest[end.upperBound...]) }
            let next = end.upperBound + count
            guard rest[next...].starts(with: "\r\n".utf8) else { return nil }
            whole += rest[end.upperBound..<next]
            rest = rest[(next + 2)...]
        }
        return nil
    }
}

extension AdminPage: CustomStringConvertible {
    var description: String { "http://\(address.host):\(address.port)\(address.rest)" }
}

extension Section {
    /// An `http://` address of the proxy itself; anything else is reported and reads as `nil`.
    func adminAddress(_ key: String, example: String) -> WebAddress? {
        guard let text = text(key) else { return nil }
        do throws(WebAddress.Mistake) {
            let address = try WebAddress(text)
            if !address.isSecure { return address }
            report.error(
                at: position(of: key), "'\(key)' cannot be https",
                hint: "ask the proxy on this machine: \(example)")
        } catch {
            report.error(at: position(of: key), "'\(key)' \(error.message)")
        }
        return nil
    }
}
