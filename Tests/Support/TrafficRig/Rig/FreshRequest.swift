import NIOCore
import NIOHTTP1
import NIOPosix

/// One request on a connection of its own, as a person with curl would send it.
package struct FreshRequest: Sendable {
    package var method: String
    package var url: String
    package var headers: [(String, String)]
    /// Sent one after the other with `pause` between them.
    package var body: [String]
    package var pause: Duration
    package var limit: Duration

    package struct Answer: Sendable {
        package let status: Int
        /// Names in lower case; the last of several wins.
        package let headers: [String: String]
        package let body: String

        /// Who answered. Files have no header of their own: there the whole body says it.
        package var color: String? {
            headers["x-color"] ?? ["blue", "green"].first { body == $0 || body == $0 + "\n" }
        }
    }

    package init(
        _ method: String = "GET", _ url: String, headers: [(String, String)] = [],
        body: [String] = [], pause: Duration = .zero
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.pause = pause
        limit = .seconds(20)
    }

    /// Throws where no complete answer came; never tries twice.
    package func send() async throws -> Answer {
        let address = try Address(url)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                        wrappingChannelSynchronously: channel)
                }
            }
        let timeout = channel.channel.eventLoop.scheduleTask(in: .nanoseconds(limit.nanoseconds)) {
            channel.channel.close(promise: nil)
        }
        defer { timeout.cancel() }
        return try await channel.executeThenClose { inbound, outbound in
            try await write(to: outbound, host: "\(address.host):\(address.port)", address.path)
            return try await read(from: inbound)
        }
    }

    private func write(
        to outbound: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>, host: String,
        _ path: String
    ) async throws {
        var fields = HTTPHeaders(headers)
        fields.add(name: "Host", value: host)
        fields.add(name: "Connection", value: "close")
        if !body.isEmpty {
            let size = body.map(\.utf8.count).reduce(0, +)
            fields.add(name: "Content-Length", value: "\(size)")
        }
        let head = HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: method), uri: path, headers: fields)
        var parts = [HTTPClientRequestPart.head(head)]
        for (number, piece) in body.enumerated() {
            if number > 0 {
                try await outbound.write(contentsOf: parts)
                parts = []
                try await Task.sleep(for: pause)
            }
            parts.append(.body(.byteBuffer(ByteBuffer(string: piece))))
        }
        // With the last bytes: a server may answer and close as soon as it has those.
        try await outbound.write(contentsOf: parts + [.end(nil)])
    }

    private func read(
        from inbound: NIOAsyncChannelInboundStream<HTTPClientResponsePart>
    ) async throws -> Answer {
        var head: HTTPResponseHead?
        var body = ByteBuffer()
        for try await part in inbound {
            switch part {
            case .head(let received): head = received
            case .body(var piece): body.writeBuffer(&piece)
            case .end:
                guard let head else { continue }
                let fields = head.headers.map { ($0.name.lowercased(), $0.value) }
                return Answer(
                    status: Int(head.status.code),
                    headers: Dictionary(fields) { _, last in last }, body: String(buffer: body))
            }
        }
        throw RigFailure("\(method) \(url): the connection ended before the answer was complete")
    }
}
