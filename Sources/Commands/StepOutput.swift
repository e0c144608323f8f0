import Console
import Contracts
import Synchronization

/// Keeps what the steps of one run print: a file for each step, masked, capped, readable by its owner
/// only.
///
/// Output is evidence: a file that cannot be written never stops a run.
final class StepOutput: Sendable {
    static let sizeLimit = 1 << 20

    private struct State {
        var files: [StepMark: Log] = [:]
        var isBroken = false
    }

    private struct Log {
        var path: String
        var file: AppendingFile
        var size = 0
    }

    private let folder: String
    private let world: World
    private let secrets: Secrets
    private let state = Mutex(State())

    init(folder: String, world: World, secrets: Secrets) {
        self.folder = folder
        self.world = world
        self.secrets = secrets
    }

    func note(_ line: OutputLine, of mark: StepMark) {
        let bytes = Array((secrets.masker.masked(line.text) + "\n").utf8)
        state.withLock { state in
            guard !state.isBroken else { return }
            do throws(FileFailure) {
                try append(bytes, of: mark, &state)
            } catch {
                state.isBroken = true
            }
        }
    }

    /// Where to read what that step printed; `nil` where it printed nothing, or it could not be kept.
    func path(of mark: StepMark) -> String? {
        state.withLock { $0.isBroken ? nil : $0.files[mark]?.path }
    }

    func close() {
        state.withLock { state in
            for log in state.files.values { log.file.close() }
        }
    }

    private func append(
        _ bytes: [UInt8], of mark: StepMark, _ state: inout State
    ) throws(FileFailure) {
        if state.files[mark] == nil { state.files[mark] = try open(mark) }
        guard var log = state.files[mark] else { return }
        if log.size < Self.sizeLimit {
            let isLast = log.size + bytes.count >= Self.sizeLimit
            let kept = isLast ? bytes + Array("… cut at 1 MiB\n".utf8) : bytes
            try log.file.append(kept, false)
            log.size += kept.count
        }
        state.files[mark] = log
    }

    private func open(_ mark: StepMark) throws(FileFailure) -> Log {
        try world.files.createPrivateFolder(folder)
        let path = "\(folder)/\(mark.phase.rawValue)-\(mark.index + 1)-\(Self.safe(mark.name)).log"
        return Log(path: path, file: try world.files.openJournal(path, true))
    }

    /// A step's name may hold anything; a file's name may not.
    private static func safe(_ name: String) -> String {
        String(
            name.prefix(40).map { character in
                character.isASCII && (character.isLetter || character.isNumber) ? character : "-"
            })
    }
}
