import Glibc
import Synchronization

/// Where this machine has the program `name`, or nil.
package func installedProgram(_ name: String) -> String? {
    let folders = (environmentVariable("PATH") ?? "").split(separator: ":").map(String.init)
    return (folders + ["/usr/sbin", "/usr/local/sbin"]).map { "\($0)/\(name)" }
        .first { access($0, X_OK) == 0 }
}

private let missing = Mutex<Set<String>>([])

/// Whether tests that need this program are run: where it is missing they are skipped, which is said
/// once; in CI they fail instead. `ROUTERS` may name the only ones that are wanted.
package func isProgramWanted(_ program: String) -> Bool {
    if let wanted = environmentVariable("ROUTERS") {
        return wanted.split(separator: " ").contains(Substring(program))
    }
    if installedProgram(program) != nil || environmentVariable("CI") != nil { return true }
    if missing.withLock({ $0.insert(program).inserted }) {
        print("skipped: \(program) is not installed")
    }
    return false
}
