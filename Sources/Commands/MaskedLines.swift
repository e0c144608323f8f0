import Console
import Contracts
import RunEngine
import Synchronization

/// Hides secrets in what steps print, also where a long line comes in pieces that cut one in two.
final class MaskedLines: Sendable {
    private struct Source: Hashable {
        let mark: StepMark
        let stream: OutputLine.Stream
    }

    private let secrets: Secrets
    /// Of lines whose end has not come yet.
    private let open = Mutex<[Source: Masker.Stream]>([:])

    init(secrets: Secrets) { self.secrets = secrets }

    /// What of a piece may be the beginning of a secret comes with the next one.
    func masked(_ news: RunProgress) -> RunProgress {
        guard case .line(let mark, var line) = news else { return news }
        let bytes = open.withLock { open in
            let source = Source(mark: mark, stream: line.stream)
            var masking = open.removeValue(forKey: source) ?? secrets.masker.stream()
            let shown = masking.mask(Array(line.text.utf8))
            guard line.isContinued else { return shown + masking.finish() }
            open[source] = masking
            return shown
        }
        line.text = String(decoding: bytes, as: UTF8.self)
        return .line(mark, line)
    }
}
