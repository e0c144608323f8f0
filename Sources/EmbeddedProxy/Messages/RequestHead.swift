/// The methods whose meaning a gateway must know.
enum Method {
    case get
    case head
    case options
    case put
    case delete
    case other

    /// Sending it twice means the same as sending it once.
    var isIdempotent: Bool { self != .other }
}

/// A request that may be passed on: positions in the bytes it was read from.
struct RequestHead {
    /// With the empty line.
    var length: Int
    var method: Method
    var methodName: Range<Int>
    /// In origin form; empty where an absolute form had no path.
    var target: Range<Int>
    var minor: Int
    var framing = BodyFraming.none
    var options = ConnectionOptions()
    /// Absent only in HTTP/1.0.
    var host: Range<Int>?
    /// The value of `Upgrade`, where the request really asks to change the protocol.
    var upgrade: Range<Int>?
    var acceptsTrailers = false
    var expectsContinue = false
    var maxForwards: Int?

    var persists: Bool { options.persists(minor: minor) }
    var hasBody: Bool { framing != .none && framing != .length(0) }
}
