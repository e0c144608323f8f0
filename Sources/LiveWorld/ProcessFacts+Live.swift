import Contracts
import Glibc

extension ProcessFacts {
    /// `nil` where `process` has ended, or its number is another's now.
    init?(_ process: ProcessIdentity) {
        guard process.bootID == Host.bootID, let entry = ProcessEntry(process.pid),
            entry.isLiving, entry.startTime == process.startTime
        else { return nil }
        let ticks = Int64(sysconf(Int32(_SC_CLK_TCK)))
        let began = Duration.milliseconds(Int64(entry.startTime) * 1000 / max(1, ticks))
        self.init(
            uptime: max(.zero, KernelClock.sinceBoot - began),
            residentMemory: entry.residentPages * sysconf(Int32(_SC_PAGESIZE)))
    }
}
