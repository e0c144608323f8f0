import NIOCore
import NIOPosix
import Synchronization

/// An upstream that answers every request and notes each thing in its bytes that a correct gateway never
/// forwards. It reads them with a parser of its own, so that it cannot share the proxy's mistakes.
final class StrictUpstream: Sendable {
    let port: Int
    private let channel: any Channel
    private let notes: Notes

    final class Notes: Sendable {
        let complaints = Mutex<[String]>([])
        let requests = Atomic(0)

        func complain(_ text: String) {
            complaints.withLock { if $0.count < 20 { $0.append(text) } }
        }
    }

    init(on group: any EventLoopGroup) async throws {
        let notes = Notes()
        channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(StrictReader(notes))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.notes = notes
        port = channel.localAddress?.port ?? 0
    }

    var complaints: [String] { notes.complaints.withLock { $0 } }
    var requests: Int { notes.requests.load(ordering: .relaxed) }

    func stop() async throws { try await channel.close() }
}

/// Reads one connection: heads, bodies by length, bodies in chunks.
private final class StrictReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Place {
        case head
        case body(Int)
        case chunkSize
        case chunk(Int)
        case trailers
    }

    private let notes: StrictUpstream.Notes
    private var bytes: [UInt8] = []
    private var place = Place.head

    init(_ notes: StrictUpstream.Notes) {
        self.notes = notes
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += unwrapInboundIn(data).readableBytesView
        while step(context) {}
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// Takes the next piece; `false` where more bytes are needed.
    private func step(_ context: ChannelHandlerContext) -> Bool {
        switch place {
        case .head:
            guard let lines = take(until: "\r\n\r\n") else { return false }
            readHead(lines)
            if case .head = place { answer(context) }
        case .body(let length):
            guard bytes.count >= length else { return false }
            bytes.removeFirst(length)
            answer(context)
        case .chunkSize:
            guard let line = take(until: "\r\n") else { return false }
            let digits = line.prefix { $0 != ";" }
            guard let size = Int(digits, radix: 16), !digits.hasPrefix("+") else {
                notes.complain("chunk size \(line.debugDescription)")
                context.close(promise: nil)
                return false
            }
            place = size == 0 ? .trailers : .chunk(size)
        case .chunk(let size):
            guard bytes.count >= size + 2 else { return false }
            if Array(bytes[size..<size + 2]) != Array("\r\n".utf8) { notes.complain("chunk end") }
            bytes.removeFirst(size + 2)
            place = .chunkSize
        case .trailers:
            guard let line = take(until: "\r\n") else { return false }
            if line.isEmpty { answer(context) }
        }
        return true
    }

    private func answer(_ context: ChannelHandlerContext) {
        place = .head
        notes.requests.wrappingAdd(1, ordering: .relaxed)
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
    }

    /// Sets the place to what the head announces.
    private func readHead(_ head: String) {
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)
        let fields = lines.dropFirst().map(Self.field)
        complain(about: head, fields.map(\.name))
        let lengths = fields.filter { $0.name == "content-length" }.map(\.value)
        let codings = fields.filter { $0.name == "transfer-encoding" }.map(\.value)
        if !lengths.isEmpty, !codings.isEmpty { notes.complain("length and coding: \(head)") }
        if lengths.count > 1 { notes.complain("several lengths: \(head)") }
        if !codings.isEmpty {
            if codings != ["chunked"] { notes.complain("coding \(codings)") }
            place = .chunkSize
        } else if let length = lengths.first {
            guard let length = Int(length), length >= 0 else {
                return notes.complain("length \(length)")
            }
            place = length > 0 ? .body(length) : .head
        }
    }

    private func complain(about head: String, _ names: [String]) {
        let controls = head.unicodeScalars.filter { $0.value < 32 || $0.value == 127 }
        let plain = Set("\r\n\t".unicodeScalars)
        if controls.contains(where: { !plain.contains($0) }) { notes.complain("controls: \(head)") }
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)
        if lines.contains(where: { $0.utf8.contains(10) || $0.utf8.contains(13) }) {
            notes.complain("bare CR or LF: \(head)")
        }
        if lines.dropFirst().contains(where: { $0.hasPrefix(" ") || $0.hasPrefix("\t") }) {
            notes.complain("folded line: \(head)")
        }
        if names.filter({ $0 == "host" }).count > 1 { notes.complain("several hosts: \(head)") }
        if !names.contains("via") { notes.complain("no Via: \(head)") }
        if names.contains(where: { $0.isEmpty || $0.contains(" ") || $0.contains("\t") }) {
            notes.complain("field name: \(head)")
        }
        if names.contains(where: isDisguised) { notes.complain("underscore variant: \(head)") }
    }

    /// A name that some servers take for one that the proxy sets or reads the framing from.
    private func isDisguised(_ name: String) -> Bool {
        let plain = name.replacing("_", with: "-")
        guard plain != name else { return false }
        return plain.hasPrefix("x-forwarded-") || plain == "transfer-encoding"
            || plain == "content-length" || plain == "x-real-ip"
    }

    private static func field(_ line: Substring) -> (name: String, value: String) {
        guard let colon = line.firstIndex(of: ":") else { return ("", String(line)) }
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        let value = line[line.index(after: colon)...].drop(while: isBlank)
        let end = value.lastIndex { !isBlank($0) }.map(value.index(after:)) ?? value.startIndex
        return (line[..<colon].lowercased(), String(value[..<end]))
    }

    private func take(until mark: String) -> String? {
        let mark = Array(mark.utf8)
        guard let start = bytes.firstRange(of: mark) else { return nil }
        let text = String(decoding: bytes[..<start.lowerBound], as: UTF8.self)
        bytes.removeFirst(start.upperBound)
        return text
    }
}
