import FoundationEssentials
import Glibc
import TrafficRig

/// How much memory a process has in fact.
enum ResidentMemory {
    static func bytes(of pid: Int32) throws -> Int {
        let pages = try String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8)
            .split(separator: " ")
        guard pages.count > 1, let resident = Int(pages[1]) else {
            throw RigFailure("/proc/\(pid)/statm says \(pages)")
        }
        return resident * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
