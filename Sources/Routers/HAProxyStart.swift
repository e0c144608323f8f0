import Contracts
import PipelineModel

/// The file that HAProxy reads when it starts: the map's, or the one that sets the variable.
struct HAProxyStart: ColdStart {
    let runtime: HAProxyRuntime
    let keeper: any HAProxyKeeper
    let file: PersistedLine

    func isDown() async -> Bool {
        do throws(StreamFailure) {
            _ = try await runtime.send(["show version"], within: HAProxyRuntime.questionLimit)
            return false
        } catch {
            return error.isNobodyThere
        }
    }

    func observe() async throws(Failure) -> Observation {
        let kept = try file.value().map(keeper.kept) ?? .absent
        return Observation(
            effective: kept.sighting, token: kept.token, isIdleClaimed: kept.isIdleClaimed,
            unasked: "HAProxy does not run")
    }

    func write(_ datum: Datum) async -> WriteResult {
        var newer: Token?
        do throws(Failure) {
            // A file without the line is told by `replace`.
            let text = try keeper.text(of: datum, over: try file.value() ?? "")
            try await file.replace(with: text) { held in
                guard let token = keeper.kept(held).token(before: datum) else { return nil }
                newer = token
                return Failure(.superseded, "\(file.path) holds the newer token \(token).")
            }
            return .applied
        } catch {
            return newer.map(WriteResult.refusedStale) ?? .notApplied(error)
        }
    }
}
