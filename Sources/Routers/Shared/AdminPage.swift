import Contracts
import PipelineModel

/// What a proxy says about itself over HTTP; every question has a connection of its own.
struct AdminPage: Sendable {
    private static let limit = Duration.milliseconds(500)
    private static let sizeLimit = 8 << 20

    let proxy: String
    /// The key of the pipeline file in which the address stands, for advice.
    let setting: String
    /// `http://`
    let address: WebAddress
    let streams: Streams

    struct Answer: Hashable, Sendable {
        let status: Int
        let body: [UInt8]
    }

    /// Asks for the address with `path` at its end. Has no side effect.
    func ask(_ path: String = "") async throws(Failure) -> Answer {
        let answer: [UInt8]
        do throws(StreamFailure) {
            answer = try await streams.exchange(
                StreamRequest(
                    endpoint, bytes: Array(request(path).utf8), timeout: Self.limit,
                    answerLimit: Self.sizeLimit))
        } catch {
            throw Failure(
                .routerUnreachable, "\(proxy) did not answer at \(self).",
                evidence: [Evidence.line(error.message)],
                hint: "Check that \(proxy) runs, and '\(setting)' in the pipeline.")
        }
        guard let read = Self.answer(answer) else {
            throw garbled("is no whole answer of HTTP", answer)
        }
        return read
    }

    func garbled(_ trouble: String, _ answer: some Collection<UInt8>) -> Failure {
        Failure(
            .routerGarbled, "What \(self) answers \(trouble).", evidence: [Evidence.line(answer)],
            hint: "Compare '\(setting)' with docs/routers/\(proxy).md.")
    }

    /// Of HTTP/1.0, so that the body comes as it is and ends with the connection.
    private func request(_ path: String) -> String {
        let place = address.rest + path
        let line = "GET \(place.hasPrefix("/") ? place : "/" + place) HTTP/1.0"
        return "\(line)\r\nhost: \(address.host):\(address.port)\r\n\r\n"
    }

    private var endpoint: StreamRequest.Endpoint {
        .tcp(host: address.host.filter { !"[]".contains($0) }, port: address.port)
    }

    /// `nil` for anything but a head with a status, and a body as long as the head says.
    static func answer(_ bytes: [UInt8]) -> Answer? {
        let isHTTP = ["HTTP/1.0 ", "HTTP/1.1 "].contains { bytes.starts(with: $0.utf8) }
        guard isHTTP, let gap = bytes[...].firstPlace(of: "\r\n\r\n"), gap.lowerBound >= 12,
            let status = Int(String(decoding: bytes[9..<12], as: UTF8.self))
        else { return nil }
        let body = Array(bytes[gap.upperBound...])
        let lines = String(decoding: bytes[..<gap.lowerBound], as: UTF8.self).lowercased()
            .split(separator: "\r\n")
        let lengths = lines.filter { $0.hasPrefix("content-length:") }
            .map { Int($0.dropFirst(15).trimmingPrefix { $0 == " " }) }
        guard lengths.allSatisfy({ $0 == body.count }) else { return nil }
        return Answer(status: status, body: body)
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
