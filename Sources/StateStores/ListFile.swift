import Contracts
import FoundationEssentials

/// What stands in a file of its own beside the journal, such as `freezes.json`.
protocol FiledList: Codable {
    /// Of its file.
    static var name: String { get }
    /// The only one that this program writes, and reads.
    static var newestFormat: Int { get }

    var format: Int { get }

    /// Empty: what there is without a file.
    init()
}

/// The file of a list, which is replaced as a whole. Not part of the journal: it is no run.
struct ListFile<List: FiledList> {
    /// Why there is no list to go by.
    enum Trouble: Error {
        case unread(FileFailure)
        case damaged
        /// Written by a newer program.
        case newer
    }

    let path: String
    private let folder: StateFolder

    init(in folder: StateFolder) {
        path = "\(folder.path)/\(List.name).json"
        self.folder = folder
    }

    func read() throws(Trouble) -> List {
        let bytes: [UInt8]
        do {
            guard let found = try folder.contents(path) else { return List() }
            bytes = found
        } catch {
            throw .unread(error)
        }
        // Losing the error is right: whatever is wrong with it, it cannot be read.
        guard let list = try? JSONDecoder().decode(List.self, from: Data(bytes)) else {
            throw .damaged
        }
        guard list.format == List.newestFormat else { throw .newer }
        return list
    }

    /// Durable when this returns.
    func write(_ list: List) throws(Failure) {
        let bytes = try CanonicalJSON.bytes(list, isPretty: true)
        try writing { () throws(FileFailure) in
            try folder.world.files.replace(path, bytes + [UInt8(ascii: "\n")], 0o600)
        }
    }
}
