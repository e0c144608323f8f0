import Contracts
import FoundationEssentials

/// `syncs.json`: what each router was given last outside of a run. Not part of the journal: traffic of
/// the others did not move, and the run that gave out the token has announced it.
struct SyncFile {
    private struct Content: Codable {
        static let format = 1

        var format = Content.format
        var syncs: [SyncRecord]
    }

    private let folder: StateFolder
    private let path: String

    init(_ folder: StateFolder) {
        self.folder = folder
        path = folder.path + "/syncs.json"
    }

    /// A damaged file is as good as none: it is evidence, and nothing is decided by it.
    func read() throws(Failure) -> [SyncRecord] {
        let bytes = try reading { () throws(FileFailure) in try folder.contents(path) }
        guard let bytes else { return [] }
        // Losing the error is right, for the same reason.
        let content = try? JSONDecoder().decode(Content.self, from: Data(bytes))
        return content?.format == Content.format ? content?.syncs ?? [] : []
    }

    func write(_ syncs: [SyncRecord]) throws(Failure) {
        let bytes = try CanonicalJSON.bytes(Content(syncs: syncs), isPretty: true)
        try writing { () throws(FileFailure) in
            try folder.world.files.replace(path, bytes + [UInt8(ascii: "\n")], 0o600)
        }
    }
}
