import Contracts
import PipelineModel

/// A symbolic link that says `blue` or `green` by the folder it points to.
///
/// The link is the truth for the colour. Claim and token stand in a record beside it, one line for each
/// colour that the link may show, so that renaming the link changes all three in one step.
struct SlotLink: Slot {
    private static let sizeLimit = 4096
    /// How often to look again: another process may be renaming the link.
    private static let looks = 3

    let path: String
    /// What the link says for each colour; where relative, it starts at the folder of the link.
    let targets: [Color: String]
    let world: World
    /// What the link leads to.
    var kind = FileStatus.Kind.folder
    /// Where the link can also say a share.
    var shares: EnvoyShares?

    var name: String { "The link \(path)" }
    var lockPath: String { record + ".lock" }
    var sharesTraffic: Bool { shares != nil }
    var making: String { "ln -s \(targets[.blue] ?? "blue") \(path)" }

    func look() throws(FileFailure) -> SlotSight {
        for _ in 1..<Self.looks {
            let said = try said()
            let sight = try sight(of: said)
            if try self.said() == said { return sight }
        }
        return try sight(of: try said())
    }

    func folder(of color: Color) -> String { absolute(targets[color] ?? "") }

    func missing(for datum: Datum) throws(FileFailure) -> Failure? {
        let color = datum.live
        if datum.idlePercent != nil { return try missingForShares() }
        let folder = folder(of: color)
        guard try !isThere(folder) else { return nil }
        guard kind == .folder else {
            return Failure(
                .routerTargetMissing, "There is no file \(folder) for \(color).",
                hint: "Write what the proxy reads while \(color) is live.")
        }
        return Failure(
            .routerTargetMissing, "There is no folder \(folder) for \(color).",
            hint: "Put a release there first, or name the folder under 'targets'.")
    }

    /// The record is written first: its new line waits for the rename that makes it true.
    func put(_ datum: Datum, over sight: SlotSight) throws(FileFailure) -> Failure? {
        let isThere = datum.idlePercent == nil && sight.names.contains(datum.live)
        guard !isThere, sight.kept.sighting != datum.sighting else {
            try write(SlotText.text(datum))
            return nil
        }
        let before =
            sight.kept.datum ?? sight.names.first.map { Datum(live: $0, token: Token(number: 0)) }
        let target = try target(for: datum)
        try write(before.map { SlotText.text($0, datum) } ?? SlotText.text(datum))
        try world.files.replaceLink(path, target)
        return nil
    }

    private func target(for datum: Datum) throws(FileFailure) -> String {
        guard datum.idlePercent != nil else { return targets[datum.live] ?? "" }
        guard let shares else { throw FileFailure(.other, "\(path) can say no share") }
        return try shares.write(datum, besides: try world.files.readLink(path))
    }

    private func missingForShares() throws(FileFailure) -> Failure? {
        for name in EnvoyShares.folders where try !isThere(absolute(name)) {
            return Failure(
                .routerTargetMissing, "There is no folder \(absolute(name)) for shares.",
                hint: "Make it, empty: docs/routers/envoy.md.")
        }
        return nil
    }

    private func isThere(_ folder: String) throws(FileFailure) -> Bool {
        var status = try world.files.status(folder)
        // What a link points to is looked at through it.
        if status?.kind == .link { status = try world.files.status(folder + "/.") }
        return status?.kind == kind
    }

    private enum Saying: Equatable {
        case nothing
        case target(String)
        case noLink
    }

    private func said() throws(FileFailure) -> Saying {
        do throws(FileFailure) {
            return try world.files.readLink(path).map(Saying.target) ?? .nothing
        } catch {
            guard error.reason == .unsafe else { throw error }
            return .noLink
        }
    }

    private func sight(of said: Saying) throws(FileFailure) -> SlotSight {
        switch said {
        case .nothing: return SlotSight(names: [], kept: .absent)
        case .noLink:
            return SlotSight(names: [], kept: KeptDatum(.foreign("\(path), which is not a link")))
        case .target(let target):
            let folder = absolute(target)
            if let percent = try shares?.greenPercent(in: target) {
                return SlotSight(names: [], kept: try kept(.init(greenPercent: percent), target))
            }
            guard let color = Color.allCases.first(where: { absolute(targets[$0] ?? "") == folder })
            else { return SlotSight(names: [], kept: KeptDatum(.foreign(Evidence.line(target)))) }
            return SlotSight(names: [color], kept: try kept(.color(color), color.rawValue))
        }
    }

    private func kept(
        _ sighting: Observation.Sighting, _ name: String
    ) throws(FileFailure) -> KeptDatum {
        SlotText.kept(try recorded(), of: sighting, named: name, mayShare: shares != nil)
    }

    /// Empty where nobody has written yet.
    private func recorded() throws(FileFailure) -> String {
        do throws(FileFailure) {
            return String(
                decoding: try world.files.read(record, Self.sizeLimit), as: UTF8.self)
        } catch {
            guard error.reason == .notFound else { throw error }
            return ""
        }
    }

    private func write(_ text: String) throws(FileFailure) {
        try world.files.replace(record, Array(text.utf8), 0o644)
    }

    /// `/srv/shop/.current.bluegreen`
    private var record: String {
        let parts = path.split(separator: "/")
        return "\(folder)/.\(parts.last ?? "").bluegreen"
    }

    private var folder: String {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        return String(path[..<slash])
    }

    private func absolute(_ target: String) -> String {
        (target.hasPrefix("/") ? target : "\(folder)/\(target)").plainPath
    }
}
