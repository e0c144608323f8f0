/// The closed list of what `${...}` may name.
package enum TemplateName {
    /// Names with a meaning of their own, in the order messages show them.
    package static let fixed = [
        "version", "color", "url", "port", "live.color", "live.url", "live.version", "idle.color",
        "idle.url", "idle.version", "release.version", "release.artifact", "release.digest",
        "token", "datum",
    ]

    /// Known only where a router is told what to show.
    package static let ofRouters: Set = ["token", "datum"]

    /// `capture.NAME`, `var.NAME`, `env.NAME`: the user chooses the second half.
    package static let families = ["capture", "var", "env"]

    package static func isKnown(_ name: String) -> Bool {
        fixed.contains(name) || family(of: name) != nil
    }

    /// Known before a run exists.
    package static func isConstant(_ name: String) -> Bool {
        family(of: name).map { $0 != "capture" } ?? false
    }

    /// The environment variable that carries the value of a fixed name to every child process.
    ///
    /// `live.color` is `BLUEGREEN_LIVE_COLOR`.
    package static func environmentVariable(for name: String) -> String {
        "BLUEGREEN_"
            + String(name.map { $0 == "." ? "_" : $0 }).uppercased()
    }

    private static func family(of name: String) -> String? {
        guard let dot = name.firstIndex(of: ".") else { return nil }
        let family = String(name[..<dot])
        let rest = name[dot...].dropFirst()
        let isName =
            !rest.isEmpty
            && rest.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            }
        return isName && families.contains(family) ? family : nil
    }
}
