import Contracts
import PipelineModel

/// The folder of one service in which a proxy finds exactly one file: `blue` or `green`.
///
/// Whatever this program does, and wherever it dies, there is one file of those names at every instant,
/// unless there was none or there were two before.
struct SlotFolder: Slot {
    private static let sizeLimit = 4096
    /// How often to look again when it is not one file: another process may be renaming it.
    private static let looks = 3

    let path: String
    let world: World

    var name: String { "The slot folder \(path)" }
    var lockPath: String { "\(path)/.lock" }
    var making: String { "install -d -m 755 \(path) && touch \(path)/blue" }

    /// An absent folder is like an empty one.
    func look() throws(FileFailure) -> SlotSight {
        var names: Set<Color> = []
        for _ in 1...Self.looks {
            names = Set(try world.files.list(path).compactMap { Color(rawValue: $0) })
            guard names.count == 1, let name = names.first else { continue }
            if let kept = try kept(under: name) { return SlotSight(names: names, kept: kept) }
        }
        return SlotSight(names: names, kept: names.isEmpty ? .absent : Self.ambiguous)
    }

    func missing(for datum: Datum) throws(FileFailure) -> Failure? {
        guard try world.files.status(path)?.kind != .folder else { return nil }
        return Failure(
            .routerTargetMissing, "There is no slot folder \(path).",
            hint: "Create it with the file 'blue' in it, and name it in the proxy's configuration.")
    }

    /// By one rename, or by one replacement where the name stays.
    func put(_ datum: Datum, over sight: SlotSight) throws(FileFailure) -> Failure? {
        let former = datum.live.other
        guard sight.names.contains(former) else {
            try replace(datum.live, SlotText.text(datum))
            return nil
        }
        let before =
            sight.datum(live: former) ?? Datum(live: former, token: Token(number: 0))
        try replace(former, SlotText.text(before, datum))
        try world.files.rename(file(former), datum.live.rawValue)
        return nil
    }

    func file(_ name: Color) -> String { "\(path)/\(name)" }

    private static let ambiguous = KeptDatum(.foreign("blue and green at once"))

    private func replace(_ name: Color, _ text: String) throws(FileFailure) {
        try world.files.replace(file(name), Array(text.utf8), 0o644)
    }

    /// `nil` where the file was renamed in the meantime.
    private func kept(under name: Color) throws(FileFailure) -> KeptDatum? {
        guard let status = try world.files.status(file(name)) else { return nil }
        guard status.kind == .file else {
            return KeptDatum(.foreign("\(name), which is not a plain file"))
        }
        do throws(FileFailure) {
            let bytes = try world.files.read(file(name), Self.sizeLimit)
            return SlotText.kept(String(decoding: bytes, as: UTF8.self), under: name)
        } catch {
            guard error.reason == .notFound else { throw error }
            return nil
        }
    }
}
