import Contracts
import Glibc

/// Finds processes by what the kernel tells of all of them.
enum ProcessTable {
    private static let environmentLimit = 4 << 20

    /// Every number in use. Without a process table nobody can be found.
    static var numbers: [Int32] {
        ((try? Files.live.list("/proc")) ?? []).compactMap { Int32($0) }
    }

    static func kin(_ trace: ProcessTrace) -> [ProcessIdentity] {
        let session = trace.process.map { Session(of: $0) } ?? .unknown
        let found = numbers.compactMap { pid -> ProcessIdentity? in
            guard pid != getpid(), let entry = ProcessEntry(pid), entry.isLiving,
                isMember(entry, pid, session, trace) || isMarked(pid, trace.mark)
            else { return nil }
            return ProcessIdentity(pid: pid, startTime: entry.startTime, bootID: Host.bootID)
        }
        return found.sorted { ($0.startTime, $0.pid) < ($1.startTime, $1.pid) }
    }

    /// Of a session whose first process has ended nobody knows more than its number and its age.
    static func members(ofSessionOf first: ProcessIdentity) -> [Int32] {
        if case .unknown = Session(of: first) { return [] }
        return numbers.filter { pid in
            guard let entry = ProcessEntry(pid), entry.isLiving else { return false }
            return entry.session == first.pid && entry.startTime >= first.startTime
        }
    }

    /// What is known of the session that a process began.
    private enum Session {
        case led
        /// It may be another one with the same number, whose first process has ended as well.
        case orphaned
        case unknown

        init(of process: ProcessIdentity) {
            guard process.bootID == Host.bootID else { self = .unknown; return }
            guard let entry = ProcessEntry(process.pid) else { self = .orphaned; return }
            self = entry.startTime == process.startTime ? .led : .unknown
        }
    }

    private static func isMember(
        _ entry: ProcessEntry, _ pid: Int32, _ session: Session, _ trace: ProcessTrace
    ) -> Bool {
        // Nothing in a session is older than the process that began it.
        guard let first = trace.process, entry.session == first.pid,
            entry.startTime >= first.startTime
        else { return false }
        switch session {
        case .led: return true
        case .orphaned: return writes(pid, to: trace.log)
        case .unknown: return false
        }
    }

    private static func writes(_ pid: Int32, to log: String) -> Bool {
        guard let log = FileNumber(log) else { return false }
        return [STDOUT_FILENO, STDERR_FILENO].contains {
            FileNumber("/proc/\(pid)/fd/\($0)") == log
        }
    }

    /// What belongs to somebody else cannot be read, and is not ours.
    private static func isMarked(_ pid: Int32, _ mark: String) -> Bool {
        guard let environment = try? readFile("/proc/\(pid)/environ", environmentLimit) else {
            return false
        }
        return environment.split(separator: 0).contains { $0.elementsEqual(mark.utf8) }
    }

    static func listener(on port: Int, of host: String?) -> ProcessName? {
        let address = host.flatMap(numeral)
        let sockets = Set(
            ["tcp", "tcp6"].flatMap { listening(on: port, of: address, "/proc/net/\($0)") })
        guard !sockets.isEmpty else { return nil }
        let pid = numbers.first { pid in
            descriptors(of: pid).contains { sockets.contains($0) }
        }
        return pid.map { name(of: $0) }
    }

    /// The sockets, as links to them are spelled, that listen on the port: `socket:[4711]`.
    private static func listening(
        on port: Int, of address: Substring?, _ table: String
    ) -> [String] {
        // Without the table there is nothing to be told.
        let bytes = (try? readFile(table, 64 << 20)) ?? []
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst()
            .compactMap { line in
                let fields = line.split(separator: " ")
                guard fields.count > 9, fields[3] == "0A" else { return nil }
                let place = fields[1].split(separator: ":")
                guard place.count == 2, Int(place[1], radix: 16) == port else { return nil }
                // That of an IPv6 socket may hold one of IPv4 at its end.
                let isAnywhere = place[0].allSatisfy { $0 == "0" }
                guard isAnywhere || place[0].hasSuffix(address ?? "") else { return nil }
                return "socket:[\(fields[9])]"
            }
    }

    /// An IPv4 address as the kernel's tables spell it; `nil` for anything else, and for all of them.
    private static func numeral(_ host: String) -> Substring? {
        let bytes = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard bytes.count == 4, !bytes.contains(nil), bytes != [0, 0, 0, 0] else { return nil }
        let number = bytes.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1 ?? 0) }
        return ("0000000" + String(UInt32(littleEndian: number), radix: 16, uppercase: true))
            .suffix(8)
    }

    private static func descriptors(of pid: Int32) -> [String] {
        let folder = "/proc/\(pid)/fd"
        // Somebody else's descriptors cannot be listed.
        return ((try? Files.live.list(folder)) ?? []).compactMap { target(of: "\(folder)/\($0)") }
    }

    private static func target(of link: String) -> String? {
        var text = [CChar](repeating: 0, count: 64)
        let count = readlink(link, &text, text.count)
        guard count >= 0 else { return nil }
        return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func name(of pid: Int32) -> ProcessName {
        // It may end while we look; then it has no name.
        let bytes = (try? readFile("/proc/\(pid)/comm", 4096)) ?? []
        let program = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        return ProcessName(pid: pid, program: program)
    }
}

/// A file, by whatever name it is reached.
private struct FileNumber: Equatable {
    let device: UInt
    let number: UInt

    /// `nil` where there is none, or it may not be looked at.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = status.st_dev
        number = status.st_ino
    }
}
