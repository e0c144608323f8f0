import Contracts

/// `freezes.json`: what must not go forward now.
struct FreezeFile {
    private struct Freezes: FiledList {
        static let name = "freezes"
        static let newestFormat = 1

        var format = newestFormat
        var freezes: [FreezeRecord] = []
    }

    private let file: ListFile<Freezes>

    init(_ folder: StateFolder) { file = ListFile(in: folder) }

    /// Throws where it cannot be read: what is frozen must not go forward because of that.
    func read() throws(Failure) -> [FreezeRecord] {
        do {
            return try file.read().freezes
        } catch {
            throw Failure(
                .recordCorrupt, "What is frozen cannot be read: \(words(error)).",
                hint: "Look at that file; removing it ends every freeze.")
        }
    }

    func write(_ freezes: [FreezeRecord]) throws(Failure) {
        try file.write(Freezes(freezes: freezes))
    }

    private func words(_ trouble: ListFile<Freezes>.Trouble) -> String {
        switch trouble {
        case .unread(let failure): failure.message
        case .damaged: "\(file.path) is damaged"
        case .newer: "\(file.path) was written by a newer bluegreen"
        }
    }
}
