import Console
import PipelineModel
import Synchronization

/// Every secret that this command has come to know, for every sink: terminal, record, output files.
///
/// A value becomes a secret when `${env.X}` is first filled in, which may be long after the start.
final class Secrets: Sendable {
    private struct State {
        var sources: [Constants] = []
        var known: Set<String> = []
        var masker = Masker.none
    }

    private let state = Mutex(State())

    /// From now on what `constants` reveals is hidden.
    func watch(_ constants: Constants) {
        state.withLock { $0.sources.append(constants) }
    }

    var masker: Masker {
        state.withLock { state in
            let known = state.sources.reduce(into: Set()) { $0.formUnion($1.secrets) }
            if known != state.known {
                state.known = known
                state.masker = Masker(secrets: known)
            }
            return state.masker
        }
    }
}
