import Contracts
import Glibc
import Synchronization

@Sendable func openJournalFile(_ path: String, _ isNew: Bool) throws(FileFailure) -> AppendingFile {
    let action = isNew ? "create" : "open"
    let journal = try wording(action, path) { () throws(Refusal) in
        JournalFile(path, isNew ? try createJournal(path) : try openOwn(path))
    }
    return AppendingFile(
        append: { bytes, isDurable throws(FileFailure) in
            try journal.append(bytes, isDurable: isDurable)
        },
        truncate: { length throws(FileFailure) in try journal.truncate(to: length) },
        close: { journal.close() })
}

private func openOwn(_ path: String) throws(Refusal) -> Int32 {
    let file = try openFile(path, O_WRONLY | O_APPEND)
    do {
        try checkOurs(file)
        return file
    } catch {
        close(file)
        throw error
    }
}

private func createJournal(_ path: String) throws(Refusal) -> Int32 {
    let file = try openFile(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL)
    do {
        try checked { fchmod(file, 0o600) }
        // A reserve for a full disk; a file system that cannot reserve is no worse than none.
        LinuxCalls.reserve(file, bytes: 64 << 10)
        let folder = try openFolder(place(of: path).folder)
        defer { close(folder) }
        try flushFolder(folder)
        return file
    } catch {
        unlink(path)
        close(file)
        throw error
    }
}

/// A journal on disk: whole records or none.
private final class JournalFile: Sendable {
    private struct State {
        var file: Int32?
        /// Once a flush failed, later ones may claim success for bytes that are lost.
        var lost: Refusal?
    }

    private let path: String
    private let state: Mutex<State>

    init(_ path: String, _ file: Int32) {
        self.path = path
        state = Mutex(State(file: file))
    }

    deinit { close() }

    func append(_ bytes: [UInt8], isDurable: Bool) throws(FileFailure) {
        try change { file, state throws(Refusal) in
            let length = try fileStatus(of: file).st_size
            do throws(Refusal) {
                try writeAll(bytes, to: file)
                if isDurable { try flush(file, &state) }
            } catch {
                // The first error is the one to report; readers cope with a torn tail.
                ftruncate(file, length)
                throw error
            }
        }
    }

    func truncate(to length: Int) throws(FileFailure) {
        try change { file, state throws(Refusal) in
            try checked { ftruncate(file, length) }
            try flush(file, &state)
        }
    }

    func close() {
        state.withLock { state in
            if let file = state.file { Glibc.close(file) }
            state.file = nil
        }
    }

    private func flush(_ file: Int32, _ state: inout State) throws(Refusal) {
        do {
            try checked { fdatasync(file) }
        } catch {
            state.lost = error
            var told = error
            told.isOfFlush = true
            throw told
        }
    }

    private func change(
        _ work: (Int32, inout State) throws(Refusal) -> Void
    ) throws(FileFailure) {
        try wording("write", path) { () throws(Refusal) in
            try state.withLock { state throws(Refusal) in
                guard let file = state.file else { throw Refusal(EBADF) }
                if let lost = state.lost { throw lost }
                try work(file, &state)
            }
        }
    }
}
