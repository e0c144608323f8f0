/// What became of one request. Instants are nanoseconds of CLOCK_MONOTONIC.
package struct LoadRecord: Codable, Hashable, Sendable {
    /// When the plan wanted it sent.
    package var due: Int64
    /// When its bytes were handed to the connection; where none could be opened, when that began.
    package var sent: Int64
    /// When its answer was complete, or when it was lost.
    package var end: Int64
    /// Absent where no answer began.
    package var status: Int?
    /// Who answered, in the application's own words (`X-Color`, or the whole body).
    package var color: String?
    /// Counts the connections of the whole load, from 1.
    package var connection: Int
    /// The id of the order, where the request was one.
    package var order: String?
    package var error: LoadError?

    package init(
        due: Int64, sent: Int64, end: Int64, status: Int? = 200, color: String? = nil,
        connection: Int = 1, order: String? = nil, error: LoadError? = nil
    ) {
        self.due = due
        self.sent = sent
        self.end = end
        self.status = status
        self.color = color
        self.connection = connection
        self.order = order
        self.error = error
    }
}

/// Why a request counts as lost.
package enum LoadError: String, Codable, CodingKeyRepresentable, CaseIterable, Sendable {
    /// No connection could be opened.
    case connectRefused
    /// The connection had answered before and ended without a byte of this answer.
    case resetOnReused
    /// The first request of a connection, which ended without a byte of the answer.
    case resetOnFresh
    /// The connection ended in the middle of the answer.
    case truncated
    /// No complete answer within `LoadPlan.timeout`.
    case timeout
    /// The answer was not HTTP.
    case malformed
    case status4xx
    case status5xx

    /// What a complete answer with this status means.
    init?(status: Int) {
        switch status {
        case 500...: self = .status5xx
        case 400...: self = .status4xx
        default: return nil
        }
    }
}

/// One switch of the traffic, as whoever commanded it saw it.
package struct Switch: Codable, Hashable, Sendable {
    /// Just before the command, in nanoseconds of CLOCK_MONOTONIC.
    package let issued: Int64
    /// Just after the command had succeeded, or the router had taken the write.
    package let acknowledged: Int64
    /// Just after the command had succeeded.
    package let ended: Int64
    /// The colour that receives the traffic from now on.
    package let to: String

    package init(issued: Int64, acknowledged: Int64, to: String) {
        self.init(issued: issued, acknowledged: acknowledged, ended: acknowledged, to: to)
    }

    private init(issued: Int64, acknowledged: Int64, ended: Int64, to: String) {
        self.issued = issued
        self.acknowledged = acknowledged
        self.ended = ended
        self.to = to
    }

    /// The same, acknowledged by the last of these moments that lies in it; `nil` where none does.
    package func acknowledged(byLastOf moments: [Int64]) -> Switch? {
        moments.filter { $0 > issued && $0 <= ended }.max().map {
            Switch(issued: issued, acknowledged: $0, ended: ended, to: to)
        }
    }

    /// Stamps the clock around `command`.
    package static func measure(
        to color: String, _ command: () async throws -> Void
    ) async rethrows -> Switch {
        let issued = Monotonic.now()
        try await command()
        return Switch(issued: issued, acknowledged: Monotonic.now(), to: color)
    }
}
