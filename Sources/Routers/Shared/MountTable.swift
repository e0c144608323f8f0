/// The kernel's table of what is mounted where.
package struct MountTable {
    package static let path = "/proc/self/mounts"

    private static let memoryKinds: Set<Substring> = ["tmpfs", "ramfs"]

    private let entries: [(point: Substring, kind: Substring)]

    /// Lines of `device point kind options ...`.
    package init(_ text: String) {
        entries = text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            return words.count > 2 ? (words[1], words[2]) : nil
        }
    }

    /// Whether what lies at this absolute path is gone after the machine starts again.
    func isVolatile(_ path: String) -> Bool {
        kind(at: path).map { Self.memoryKinds.contains($0[...]) } ?? false
    }

    /// `ext4`: the kind of what is mounted at this absolute path; `nil` where the table does not say.
    package func kind(at path: String) -> String? {
        var found: (point: Substring, kind: Substring)?
        // Of two mounts at one place, the later one is seen.
        for entry in entries where Self.holds(entry.point, path) {
            if entry.point.count >= found?.point.count ?? 0 { found = entry }
        }
        return found.map { String($0.kind) }
    }

    private static func holds(_ point: Substring, _ path: String) -> Bool {
        point == "/" || path == point || path.hasPrefix("\(point)/")
    }
}
