import Console
import Contracts
import RunEngine

extension Session {
    /// Whether a person says yes; `true` where `--yes` says so, or where there is nobody to ask.
    ///
    /// Throws where they would rather stop the program than answer.
    func isAgreed(_ question: Text, yes: Bool) async throws(Failure) -> Bool {
        guard !yes, terminal.canPrompt else { return true }
        let answer = await withTaskGroup(of: Prompt.Answer?.self) { group in
            group.addTask { await Prompt(on: terminal).confirm(question) }
            group.addTask {
                _ = await stop.wait()
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        guard let answer else { throw Failure.stoppedBeforehand }
        return answer == .yes
    }
}
