import PipelineModel

/// One line of nginx's access log, as `init` writes its `log_format`: three fields that come first and
/// in this order, and whatever else follows.
struct NginxLogLine: Equatable {
    /// `nil`: no colour was asked for an answer.
    let color: Color?
    let status: Int
    /// From the first byte of the request to the last one of the answer.
    let milliseconds: Int

    init(color: Color?, status: Int, milliseconds: Int) {
        self.color = color
        self.status = status
        self.milliseconds = milliseconds
    }

    /// `nil` where it is anything else.
    init?(_ line: ArraySlice<UInt8>) {
        var rest = LineRest(line)
        guard rest.skip(Self.colorKey), case let name = rest.word(), rest.skip(Self.statusKey),
            let status = rest.number(digits: 3...3), rest.skip(Self.timeKey),
            let seconds = rest.number(digits: 1...9), rest.skip(Self.point),
            let thousandths = rest.number(digits: 3...3), rest.isClosed
        else { return nil }
        let color = Color(rawValue: name)
        guard color != nil || name.isEmpty else { return nil }
        self.init(color: color, status: status, milliseconds: seconds * 1000 + thousandths)
    }

    private static let colorKey = Array(#"{"color":""#.utf8)
    private static let statusKey = Array(#"","status":""#.utf8)
    private static let timeKey = Array(#"","time":"#.utf8)
    private static let point = Array(".".utf8)
}

/// What is left of a line that is read from its beginning.
private struct LineRest {
    private var bytes: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    /// At the end of the object, or before another field of it.
    var isClosed: Bool {
        bytes.last == UInt8(ascii: "}") && (bytes.count == 1 || bytes.first == UInt8(ascii: ","))
    }

    mutating func skip(_ text: [UInt8]) -> Bool {
        guard bytes.starts(with: text) else { return false }
        bytes.removeFirst(text.count)
        return true
    }

    /// The small letters that come next.
    mutating func word() -> String {
        let letters = bytes.prefix(6).prefix {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
        }
        bytes.removeFirst(letters.count)
        return String(decoding: letters, as: UTF8.self)
    }

    mutating func number(digits: ClosedRange<Int>) -> Int? {
        let figures = bytes.prefix(digits.upperBound).prefix {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
        guard digits.contains(figures.count) else { return nil }
        bytes.removeFirst(figures.count)
        return figures.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
}
