import Contracts
import FoundationEssentials

/// `freezes.json`: what must not go forward now. Not part of the journal: it is no run.
struct FreezeFile {
    private struct Content: Codable {
        static let format = 1

        var format = Content.format
        var freezes: [FreezeRecord]
    }

    private let folder: StateFolder
    private let path: String

    init(_ folder: StateFolder) {
        self.folder = folder
        path = folder.path + "/freezes.json"
    }

    func read() throws(Failure) -> [FreezeRecord] {
        let bytes: [UInt8]
        do {
            guard let found = try folder.contents(path) else { return [] }
            bytes = found
        } catch {
            throw unreadable(error.message)
        }
        guard let content = Self.content(bytes) else { throw unreadable("\(path) is damaged") }
        guard content.format == Content.format else {
            throw unreadable("\(path) was written by a newer bluegreen")
        }
        return content.freezes
    }

    func write(_ freezes: [FreezeRecord]) throws(Failure) {
        let bytes = try CanonicalJSON.bytes(Content(freezes: freezes), isPretty: true)
        try writing { () throws(FileFailure) in
            try folder.world.files.replace(path, bytes + [UInt8(ascii: "\n")], 0o600)
        }
    }

    private static func content(_ bytes: [UInt8]) -> Content? {
        // Losing the error is right: whatever is wrong with it, it cannot be read.
        try? JSONDecoder().decode(Content.self, from: Data(bytes))
    }

    private func unreadable(_ why: String) -> Failure {
        Failure(
            .recordCorrupt, "What is frozen cannot be read: \(why).",
            hint: "Look at that file; removing it ends every freeze.")
    }
}
