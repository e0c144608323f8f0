package import Contracts

/// `spare`: a file without content that keeps room on the disk. A rollback that finds none gives it up,
/// and is recorded there.
///
/// Made, and given up, in the critical section only. It is not flushed: a power cut may lose it, as it
/// may lose the room, and the next run that goes forward makes it again.
package struct Spare: Sendable {
    /// For a journal with its own reserve of 64 KiB, `state.json` and `freezes.json` aside, and the folder.
    static let size = 128 << 10

    private let path: String
    private let files: Files

    /// Of the record in `folder`.
    package init(in folder: String, _ files: Files) {
        path = folder + "/spare"
        self.files = files
    }

    package var isThere: Bool {
        // Losing the error is right: what cannot be looked at cannot be counted on.
        guard let status = try? files.status(path) else { return false }
        return status.kind == .file && status.size >= Self.size
    }

    func keep() {
        // Losing the error is right: a run does not hang on it, and `doctor` says that it is missing.
        try? files.reserve(path, Self.size)
    }

    /// Performs `body`, and once more where only room was missing. A flush that failed is not repeated: the
    /// second one may say that all is well where it is not.
    func givenUp<Result>(
        for body: () throws(FileFailure) -> Result
    ) throws(FileFailure) -> Result {
        do throws(FileFailure) {
            return try body()
        } catch {
            // Losing the second error is right: the first one is the reason.
            guard error.reason == .noSpace, !error.isOfFlush, (try? files.remove(path)) != nil
            else { throw error }
            return try body()
        }
    }
}

extension World {
    /// What writes gives up `spare` where there is no other room.
    func giving(up spare: Spare) -> World {
        var world = self
        world.files = files.giving(up: spare)
        let take = locks.take
        world.locks.take = { path throws(FileFailure) in
            try spare.givenUp { () throws(FileFailure) in try take(path) }
        }
        return world
    }
}

extension Files {
    /// Those that write to the record.
    fileprivate func giving(up spare: Spare) -> Files {
        let plain = self
        var files = self
        files.replace = { path, bytes, mode throws(FileFailure) in
            try spare.givenUp { () throws(FileFailure) in try plain.replace(path, bytes, mode) }
        }
        files.replaceCache = { path, bytes, mode throws(FileFailure) in
            try spare.givenUp { () throws(FileFailure) in
                try plain.replaceCache(path, bytes, mode)
            }
        }
        files.openJournal = { path, isNew throws(FileFailure) in
            let file = try spare.givenUp { () throws(FileFailure) in
                try plain.openJournal(path, isNew)
            }
            return AppendingFile(
                append: { bytes, isDurable throws(FileFailure) in
                    try spare.givenUp { () throws(FileFailure) in
                        try file.append(bytes, isDurable)
                    }
                },
                truncate: file.truncate, close: file.close)
        }
        return files
    }
}
