/// What is the case before the command that a fault hits.
enum FaultSituation: String, CaseIterable, CustomStringConvertible {
    case switching = "switch"
    case rollingBack = "rollback"
    case resuming = "resume"
    case aborting = "abort"
    case deploying = "deploy"

    /// Those that need no program that died at a certain moment before.
    static let plain: [Self] = [.switching, .rollingBack, .deploying]

    var description: String { rawValue }

    var command: [String] {
        switch self {
        case .switching, .rollingBack, .resuming, .aborting: [rawValue]
        case .deploying: ["deploy", "2.3.0"]
        }
    }

    /// Where `rollback` brings the traffic afterwards.
    var home: String { self == .rollingBack ? "blue" : "green" }

    /// Where production may be after the command ended with `status`: what docs/exit-codes.md says.
    func places(after status: Int32) -> Set<String> {
        let before: Set = self == .resuming ? ["blue"] : ["green"]
        let after: Set = self == .aborting ? ["green"] : ["blue"]
        switch status {
        case 0: return after
        case 22: return after
        case 74: return self == .rollingBack ? after : before
        // 130, 143, 129: stopped by a signal, where it said.
        case 20, 21, 129, 130, 143: return ["blue", "green", "split"]
        case 11: return ["green"]
        // 70 and 127: it could not even begin, without /proc or a library of the system.
        case 10, 30, 32, 33, 40, 70, 78, 127: return before
        default: return []
        }
    }
}
