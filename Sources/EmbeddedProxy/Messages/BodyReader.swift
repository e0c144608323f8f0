import NIOCore

/// Takes a body apart as it arrives, strictly: a chunk is a size, its bytes and CR LF.
struct BodyReader {
    enum Piece {
        case needsMore
        case bytes(ByteBuffer)
        /// The lines of a trailer section that may be passed on, each with CR LF.
        case end(trailers: ByteBuffer?)
    }

    private enum Part {
        case length(Int)
        case untilClose
        case chunkSize
        case chunk(Int)
        case chunkEnd
        case trailers(HeadScanner)
        case done
    }

    /// A size with its extensions.
    private static let longestSizeLine = 1024

    private var part: Part
    private let limits: HeadScanner.Limits

    init(_ framing: BodyFraming, trailerLimits: HeadScanner.Limits) {
        // Trailers have no request line.
        limits = HeadScanner.Limits(
            firstLine: .max, bytes: trailerLimits.bytes, lines: trailerLimits.lines)
        part =
            switch framing {
            case .none: .done
            case .length(let length): length == 0 ? .done : .length(length)
            case .chunked: .chunkSize
            case .untilClose: .untilClose
            }
    }

    /// Nothing more belongs to the body.
    var isDone: Bool {
        guard case .done = part else { return false }
        return true
    }

    /// The body ends where the connection ends, and so cannot be cut short.
    var endsWithConnection: Bool {
        guard case .untilClose = part else { return false }
        return true
    }

    /// Takes the next piece off `input`. After an error nothing more may be read.
    mutating func next(_ input: inout ByteBuffer) throws(Refusal) -> Piece {
        while true {
            switch part {
            case .done: return .end(trailers: nil)
            case .untilClose: return take(.max, from: &input).map { .bytes($0) } ?? .needsMore
            case .length(let rest):
                guard let bytes = take(rest, from: &input) else { return .needsMore }
                let left = rest - bytes.readableBytes
                part = left == 0 ? .done : .length(left)
                return .bytes(bytes)
            case .chunk(let rest):
                guard let bytes = take(rest, from: &input) else { return .needsMore }
                let left = rest - bytes.readableBytes
                part = left == 0 ? .chunkEnd : .chunk(left)
                return .bytes(bytes)
            case .chunkSize:
                guard let size = try Self.readSize(&input) else { return .needsMore }
                part = size == 0 ? .trailers(HeadScanner()) : .chunk(size)
            case .chunkEnd:
                guard try Self.readLineEnd(&input) else { return .needsMore }
                part = .chunkSize
            case .trailers(var scanner):
                guard let trailers = try readTrailers(&input, &scanner) else {
                    part = .trailers(scanner)
                    return .needsMore
                }
                part = .done
                return .end(trailers: trailers)
            }
        }
    }

    private func take(_ count: Int, from input: inout ByteBuffer) -> ByteBuffer? {
        guard input.readableBytes > 0 else { return nil }
        return input.readSlice(length: min(count, input.readableBytes))
    }

    /// The size on a whole line, or `nil` while the line has not arrived.
    private static func readSize(_ input: inout ByteBuffer) throws(Refusal) -> Int? {
        let outcome = input.withUnsafeReadableBytes { bytes in
            do throws(Refusal) {
                return Result<(Int, Int)?, Refusal>.success(try size(in: bytes))
            } catch {
                return .failure(error)
            }
        }
        guard let (size, length) = try outcome.get() else { return nil }
        input.moveReaderIndex(forwardBy: length)
        return size
    }

    private static func size(in bytes: Bytes) throws(Refusal) -> (size: Int, length: Int)? {
        var (size, position) = (0, 0)
        while position < bytes.count, let digit = Octet.hexValue(bytes[position]) {
            guard position < 15 else { throw .malformed("A chunk size is too large.") }
            size = size << 4 | digit
            position += 1
        }
        guard position < bytes.count else { return nil }
        guard position > 0 else { throw .malformed("A chunk size is malformed.") }
        let hasExtension = bytes[position] != Octet.carriageReturn
        if hasExtension {
            while position < bytes.count, Octet.isBlank(bytes[position]) { position += 1 }
            guard position == bytes.count || bytes[position] == Octet.semicolon else {
                throw .malformed("A chunk size is malformed.")
            }
            while position < bytes.count, Octet.isText(bytes[position]) { position += 1 }
        }
        guard position < longestSizeLine else { throw .malformed("A chunk extension is too long.") }
        return try lineEnd(bytes, position).map { (size, $0) }
    }

    private static func readLineEnd(_ input: inout ByteBuffer) throws(Refusal) -> Bool {
        guard let first = input.getInteger(at: input.readerIndex, as: UInt8.self) else {
            return false
        }
        let second = input.getInteger(at: input.readerIndex + 1, as: UInt8.self)
        guard first == Octet.carriageReturn, second == nil || second == Octet.lineFeed else {
            throw .malformed("A chunk does not end with CR LF.")
        }
        guard second != nil else { return false }
        input.moveReaderIndex(forwardBy: 2)
        return true
    }

    /// Where the line that ends at `position` is over, or `nil` while its end has not arrived.
    private static func lineEnd(_ bytes: Bytes, _ position: Int) throws(Refusal) -> Int? {
        guard position < bytes.count else { return nil }
        guard bytes[position] == Octet.carriageReturn else {
            throw .malformed("A chunk size is malformed.")
        }
        guard position + 1 < bytes.count else { return nil }
        guard bytes[position + 1] == Octet.lineFeed else {
            throw .malformed("A chunk size does not end with CR LF.")
        }
        return position + 2
    }

    /// What is not ordinary (framing, routing, this connection) has no place in trailers and is dropped.
    private func readTrailers(
        _ input: inout ByteBuffer, _ scanner: inout HeadScanner
    ) throws(Refusal) -> ByteBuffer? {
        let limits = limits
        let outcome = input.withUnsafeReadableBytes { bytes in
            do throws(Refusal) {
                guard let end = try scanner.end(in: bytes, limits) else {
                    return Result<(Int, [Field])?, Refusal>.success(nil)
                }
                var fields: [Field] = []
                try Field.readAll(bytes, from: 0, to: end, into: &fields)
                return .success((end, fields.filter { $0.kind == .ordinary }))
            } catch {
                return .failure(error)
            }
        }
        guard let (length, fields) = try outcome.get() else { return nil }
        guard let section = input.readSlice(length: length) else { return nil }
        var trailers = ByteBuffer()
        for field in fields {
            let start = section.readerIndex + Int(field.start)
            let line = section.getSlice(at: start, length: section.lineLength(from: start))
            if let line { trailers.writeImmutableBuffer(line) }
        }
        return trailers
    }
}

extension ByteBuffer {
    /// The length of the line at `start`, with its end.
    fileprivate func lineLength(from start: Int) -> Int {
        let view = viewBytes(at: start, length: writerIndex - start)
        guard let view, let end = view.firstIndex(of: Octet.lineFeed) else { return 0 }
        return end - view.startIndex + 1
    }
}
