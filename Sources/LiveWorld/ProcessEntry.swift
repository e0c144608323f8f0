import Contracts

/// One line of the kernel's process table.
struct ProcessEntry {
    let isLiving: Bool
    let group: Int32
    let session: Int32
    let startTime: UInt64
    let residentPages: Int

    /// `nil` where there is no such process.
    init?(_ pid: Int32) {
        // A process that ends while we look is no process; the reason does not matter.
        guard let bytes = try? readFile("/proc/\(pid)/stat", 4096),
            // The name may hold anything; the last parenthesis ends it.
            let nameEnd = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = String(decoding: bytes[(nameEnd + 1)...], as: UTF8.self).split(separator: " ")
        guard fields.count > 21, let group = Int32(fields[2]), let session = Int32(fields[3]),
            let start = UInt64(fields[19]), let pages = Int(fields[21])
        else { return nil }
        isLiving = !["Z", "X"].contains(fields[0])
        self.group = group
        self.session = session
        startTime = start
        residentPages = pages
    }

    static func hasLivingMember(group: Int32, besides other: Int32? = nil) -> Bool {
        members(of: group).contains { $0 != other }
    }

    static func members(of group: Int32) -> [Int32] {
        ProcessTable.numbers.filter { pid in
            guard let entry = ProcessEntry(pid) else { return false }
            return entry.group == group && entry.isLiving
        }
    }
}
