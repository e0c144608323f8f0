import Contracts
import PipelineModel

/// An address at which a proxy says itself which colour it serves now.
struct ReadBack: Sendable {
    private static let limit = Duration.milliseconds(500)

    /// For people: `nginx`.
    let proxy: String
    /// Its page in docs/routers.
    let manual: String
    /// `http://`
    let address: WebAddress
    let streams: Streams

    /// Asks on a connection of its own. Anything but `200` and a bare colour is a failure.
    func color() async throws(Failure) -> Color {
        let answer: [UInt8]
        do throws(StreamFailure) {
            answer = try await streams.exchange(
                StreamRequest(
                    endpoint, bytes: Array(request.utf8), timeout: Self.limit,
                    answerLimit: 1 << 16))
        } catch {
            throw Failure(
                .routerUnreachable, "\(proxy) did not answer at \(self).",
                evidence: [Evidence.line(error.message)],
                hint: "Check that it runs, and 'readBack' in the pipeline.")
        }
        guard let color = Self.color(in: answer) else {
            throw Failure(
                .routerGarbled, "The answer from \(self) is not a colour.",
                evidence: [Evidence.line(answer)],
                hint: "Compare that location with the one in docs/routers/\(manual).md.")
        }
        return color
    }

    /// Of HTTP/1.0, so that the body comes as it is.
    private var request: String {
        let path = address.rest.hasPrefix("/") ? address.rest : "/" + address.rest
        return "GET \(path) HTTP/1.0\r\nhost: \(address.host):\(address.port)\r\n\r\n"
    }

    private var endpoint: StreamRequest.Endpoint {
        .tcp(host: address.host.filter { !"[]".contains($0) }, port: address.port)
    }

    static func color(in answer: [UInt8]) -> Color? {
        let isFine = ["HTTP/1.0 200 ", "HTTP/1.1 200 "].contains { answer.starts(with: $0.utf8) }
        guard isFine, let gap = answer.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let body = String(decoding: answer[gap.upperBound...], as: UTF8.self)
        return Color.allCases.first { body == $0.rawValue || body == "\($0)\n" }
    }
}

extension ReadBack: CustomStringConvertible {
    var description: String { "http://\(address.host):\(address.port)\(address.rest)" }
}
