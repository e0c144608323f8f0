import Contracts

/// What `doctor` says: one row for each check, and what mends it.
struct DoctorReport: Encodable, Sendable {
    enum Verdict: String, Encodable, Sendable {
        case ok
        /// Works, with something to know.
        case warning
        case problem
    }

    struct Row: Encodable, Hashable, Sendable {
        var check: String
        var verdict: Verdict
        var found: String
        /// The command or setting that mends it.
        var mend: String?

        static func ok(_ check: String, _ found: String) -> Row {
            Row(check: check, verdict: .ok, found: found, mend: nil)
        }

        static func warning(_ check: String, _ found: String, _ mend: String? = nil) -> Row {
            Row(check: check, verdict: .warning, found: found, mend: mend)
        }

        static func problem(_ check: String, _ found: String, _ mend: String? = nil) -> Row {
            Row(check: check, verdict: .problem, found: found, mend: mend)
        }

        static func problem(_ check: String, _ failure: Failure) -> Row {
            .problem(check, failure.message, failure.hint)
        }
    }

    var schemaVersion = 1
    var type = "doctor"
    var checks: [Row]
    /// What a rollback would take from here, where that was asked and can be said.
    var rollbackMilliseconds: Int?
    /// `1 of 2 routers`, where it would not reach all of them.
    var reach: String?
    var exit: Int32

    /// `troubled` is what one problem means for the caller.
    init(_ checks: [Row], troubled: ExitStatus, rollbackMilliseconds: Int? = nil) {
        self.checks = checks
        self.rollbackMilliseconds = rollbackMilliseconds
        let isTroubled = checks.contains { $0.verdict == .problem }
        exit = (isTroubled ? troubled : .done).rawValue
    }
}
