/// The closed list of what `${...}` may name.
package enum TemplateName {
    /// A name and what it stands for, in one sentence without its full stop.
    package typealias Meaning = (name: String, summary: String)

    /// Names with a meaning of their own, in the order messages show them.
    package static let meanings: [Meaning] = [
        ("version", "the version of the release on this colour"),
        ("color", "`blue` or `green`: idle in `deploy` and `checks`, the old one in `retire`"),
        ("url", "the direct address of that colour"),
        ("port", "the port of that address"),
        ("live.color", "the colour that was live when the run began"),
        ("live.url", "its direct address"),
        ("live.version", "the version on it, where the record knows one"),
        ("idle.color", "the other colour"),
        ("idle.url", "its direct address"),
        ("idle.version", "the version on it: in a deploy the new one"),
        ("release.version", "the same as `version`"),
        ("release.artifact", "`release.artifact` of the pipeline, filled in"),
        ("release.digest", "the digest of that artifact, where it could be resolved"),
        ("token", "in routers only: the number that a stale write is known by"),
        ("datum", "in routers only: colour, claim and token as one text"),
    ]

    package static let fixed = meanings.map(\.name)

    /// Known only where a router is told what to show.
    package static let ofRouters: Set = ["token", "datum"]

    /// The user chooses the second half.
    package static let familyMeanings: [Meaning] = [
        ("capture", "what an earlier request of the same `transaction` captured"),
        ("var", "what `--var NAME=VALUE` says"),
        ("env", "an environment variable of `bluegreen` itself; a secret, hidden everywhere"),
    ]

    package static let families = familyMeanings.map(\.name)

    package static func isKnown(_ name: String) -> Bool {
        fixed.contains(name) || family(of: name) != nil
    }

    /// Known before a run exists.
    package static func isConstant(_ name: String) -> Bool {
        family(of: name).map { $0 != "capture" } ?? false
    }

    /// The environment variable that carries the value of a fixed name to every child process;
    /// absent where the name has no value.
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
