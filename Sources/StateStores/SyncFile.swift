import Contracts

/// `syncs.json`: what each router was given last outside of a run. Not part of the journal: traffic of
/// the others did not move, and the run that gave out the token has announced it.
struct SyncFile {
    private struct Syncs: FiledList {
        static let name = "syncs"
        static let newestFormat = 1

        var format = newestFormat
        var syncs: [SyncRecord] = []
    }

    private let file: ListFile<Syncs>

    init(_ folder: StateFolder) { file = ListFile(in: folder) }

    /// A damaged file is as good as none: it is evidence, and nothing is decided by it.
    func read() throws(Failure) -> [SyncRecord] {
        do {
            return try file.read().syncs
        } catch .unread(let failure) {
            return try reading { () throws(FileFailure) in throw failure }
        } catch {
            return []
        }
    }

    func write(_ syncs: [SyncRecord]) throws(Failure) { try file.write(Syncs(syncs: syncs)) }
}
