import Contracts

/// What `show stat` says about chosen backends.
struct HAProxyStatistics: Sendable {
    private let rows: [[String: String]]

    /// `nil` where this is not the whole table.
    init?(_ answer: ArraySlice<UInt8>, of backends: some Collection<String>) {
        let prefixes = (backends + ["# pxname"]).map { Array("\($0),".utf8) }
        guard let lines = CommaSeparated.rows(of: answer, startingWith: prefixes),
            let header = lines.first?.map(\.text), header.first == "# pxname",
            lines.allSatisfy({ $0.count == header.count })
        else { return nil }
        let columns = header.indices.filter { Self.neededColumns.contains(header[$0]) }
        guard Set(columns.map { header[$0] }) == Self.neededColumns else { return nil }
        rows = lines.dropFirst().map { fields in
            Dictionary(
                columns.map { (header[$0], fields[$0].text) },
                uniquingKeysWith: { first, _ in first })
        }
    }

    /// `nil` where there is no such backend, or its line is not to be understood.
    ///
    /// Backup servers do not count: they serve only when nothing else does. `inFlight` includes what
    /// waits in the queue.
    func pool(of backend: String) -> Pool? {
        guard let inFlight = total(of: backend).flatMap({ number("scur", in: $0) }) else {
            return nil
        }
        let servers = rows.filter {
            $0["# pxname"] == backend && $0["type"] == Kind.server && $0["bck"] == "0"
        }
        return Pool(
            serversUp: servers.count(where: isUp), serversInAll: servers.count, inFlight: inFlight)
    }

    /// `nil` where there is no such backend or it does not speak HTTP.
    func counters(of backend: String) -> TrafficCounters? {
        guard let row = total(of: backend), let requests = number("req_tot", in: row),
            let serverErrors = number("hrsp_5xx", in: row), let cut = number("srv_abrt", in: row),
            let time = number("rtime", in: row), let inFlight = number("scur", in: row)
        else { return nil }
        return TrafficCounters(
            requests: requests, errors: serverErrors + cut,
            averageResponseTime: requests == 0 ? nil : .milliseconds(time), inFlight: inFlight)
    }

    private enum Kind {
        static let backend = "1"
        static let server = "2"
    }

    private static let neededColumns: Set<String> = [
        "# pxname", "type", "status", "weight", "bck", "scur", "req_tot", "hrsp_5xx", "srv_abrt",
        "rtime",
    ]

    private func total(of backend: String) -> [String: String]? {
        rows.first { $0["# pxname"] == backend && $0["type"] == Kind.backend }
    }

    private func number(_ column: String, in row: [String: String]) -> Int? {
        // Nothing is counted so high; sums of what is never overflow.
        row[column].flatMap { Int($0) }.map { min($0, 1 << 53) }
    }

    /// `UP`, `UP 1/3` (about to be called down) and `no check` receive traffic, unless their weight is 0.
    private func isUp(_ server: [String: String]) -> Bool {
        guard let status = server["status"], server["weight"] != "0" else { return false }
        return status == "UP" || status.hasPrefix("UP ") || status == "no check"
    }
}

/// Rows of comma-separated text; a quoted field may hold commas, doubled quotes and line ends.
enum CommaSeparated {
    struct Field: Equatable {
        fileprivate let bytes: ArraySlice<UInt8>

        /// Without quotes.
        var text: String {
            guard bytes.contains(quote) else { return String(decoding: bytes, as: UTF8.self) }
            return String(decoding: bytes.filter { $0 != quote }, as: UTF8.self)
        }
    }

    /// The rows that start with one of `prefixes`, up to the first empty line. `nil` where there is no
    /// such line: the text was cut.
    static func rows(
        of text: ArraySlice<UInt8>, startingWith prefixes: [[UInt8]]
    ) -> [[Field]]? {
        var rows: [[Field]] = []
        var rest = text
        while let first = rest.first {
            if first == newline { return rows }
            guard let end = endOfRow(rest) else { return nil }
            let row = rest[..<end]
            if prefixes.contains(where: row.starts) { rows.append(fields(of: row)) }
            rest = rest[(end + 1)...]
        }
        return nil
    }

    private static let newline = UInt8(ascii: "\n")
    private static let quote = UInt8(ascii: "\"")

    private static func endOfRow(_ text: ArraySlice<UInt8>) -> Int? {
        var isQuoted = false
        return text.firstIndex { byte in
            if byte == quote { isQuoted.toggle() }
            return byte == newline && !isQuoted
        }
    }

    private static func fields(of row: ArraySlice<UInt8>) -> [Field] {
        var isQuoted = false
        let parts = row.split(omittingEmptySubsequences: false) { byte in
            if byte == quote { isQuoted.toggle() }
            return byte == UInt8(ascii: ",") && !isQuoted
        }
        return parts.map(Field.init)
    }
}
