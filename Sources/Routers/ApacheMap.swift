import Contracts
import PipelineModel

/// The text file of a `RewriteMap` of Apache that belongs to this program: its key `live` holds the datum.
struct ApacheMap: Slot {
    static let key = "live"
    private static let sizeLimit = 4096
    /// Enough for the clock of any file system to go on.
    private static let rounds = 1000

    let path: String
    let world: World

    var name: String { "The map file \(path)" }
    var lockPath: String { path + ".lock" }
    var making: String { "install -d -m 755 \(folder) && echo '\(Self.key) blue' >\(path)" }

    func look() throws(FileFailure) -> SlotSight {
        let kept = try kept()
        guard case .color(let color) = kept.sighting else {
            return SlotSight(names: [], kept: kept)
        }
        return SlotSight(names: [color], kept: kept)
    }

    func missing(for datum: Datum) throws(FileFailure) -> Failure? {
        guard try world.files.status(folder)?.kind != .folder else { return nil }
        return Failure(
            .routerTargetMissing, "There is no folder \(folder).",
            hint: "Create it, with the map file in it that Apache's RewriteMap names.")
    }

    /// Apache keeps what it has read until the file has another time of change, and two writes in a
    /// row may get the same one.
    func put(_ datum: Datum, over sight: SlotSight) throws(FileFailure) -> Failure? {
        let former = try world.files.status(path)?.modified
        for _ in 1...Self.rounds {
            try world.files.replace(path, Array(Self.text(datum).utf8), 0o644)
            guard try world.files.status(path)?.modified == former else { return nil }
        }
        return Failure(
            .routerRefused,
            "\(name) says \(datum.live), but its time of change stays the same, so that Apache may"
                + " not read it again.",
            hint:
                "Let Apache read it: 'apachectl graceful'. Then keep the map on a file system whose"
                + " times go on: its clock stands still, or counts in steps that are too long.")
    }

    static func text(_ datum: Datum) -> String { "\(key) \(datum.written)\n" }

    private var folder: String {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private func kept() throws(FileFailure) -> KeptDatum {
        guard let status = try world.files.status(path) else { return .absent }
        guard status.kind == .file else {
            return KeptDatum(.foreign("\(path), which is not a plain file"))
        }
        return Self.kept(
            String(decoding: try world.files.read(path, Self.sizeLimit), as: UTF8.self))
    }

    /// One line, as Apache would read it; remarks and empty lines do not count.
    private static func kept(_ text: String) -> KeptDatum {
        let lines = text.split(separator: "\n")
            .map { $0.split { $0 == " " || $0 == "\t" } }
            .filter { $0.first.map { !$0.hasPrefix("#") } ?? false }
        guard let line = lines.first else { return .absent }
        guard lines.count == 1, line.count == 2, line[0] == key else {
            return KeptDatum(.foreign(Evidence.line(text)))
        }
        return KeptDatum(written: String(line[1]))
    }
}
