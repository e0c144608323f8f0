import Contracts
import PipelineModel

/// One of the ways in which HAProxy can keep colour, claim and token.
protocol HAProxyKeeper: Sendable {
    var fencing: Fencing { get }
    /// Whether a restart finds what was written.
    var isDurable: Bool { get }
    /// Whether it has room for a share on idle.
    var sharesTraffic: Bool { get }
    /// Whether HAProxy's configuration was found to act by that share.
    func isShareRead() async -> Bool
    /// Where HAProxy finds the datum when it starts; `nil` where that is on another machine.
    var startFile: PersistedLine? { get }

    /// Asks what is in effect now and how the backends are.
    func look() async throws(Failure) -> HAProxySight

    /// What HAProxy would find after a restart, compared with what is in effect.
    func durable(besides kept: KeptDatum) -> Observation.Durable

    /// Writes, reads back, makes it durable. `sight` is fresh, and the target is known to exist.
    func put(_ datum: Datum, over sight: HAProxySight) async -> WriteResult

    func kept(_ text: String) -> KeptDatum

    /// The text that keeps a datum in place of `former`; throws where it cannot be kept there.
    func text(of datum: Datum, over former: String) throws(Failure) -> String
}

extension HAProxyKeeper {
    func isShareRead() async -> Bool { false }
}

/// What one look at HAProxy shows.
struct HAProxySight: Sendable {
    let kept: KeptDatum
    /// The datum as HAProxy holds it; `nil` where it is absent.
    let text: String?
    /// Why that datum has no place for a share, where its kind usually has one.
    var sharesNothing: Failure?
    let statistics: HAProxyStatistics
}

extension PersistedLine {
    func durable(
        besides kept: KeptDatum, reading: (String) -> KeptDatum
    ) -> Observation.Durable {
        do throws(Failure) {
            let later = try value().map(reading) ?? .absent
            return later == kept ? .same : .differs(later.sighting)
        } catch {
            return .unknown(([error.message] + error.evidence).joined(separator: " "))
        }
    }

    /// What a write that is in effect ends as, once this line had its turn.
    func persist(
        _ value: String, token: Token, reading: (String) -> KeptDatum
    ) async -> WriteResult {
        do throws(Failure) {
            try await replace(with: value) { held in
                guard let newer = reading(held).token, newer > token else { return nil }
                return Failure(
                    .superseded, "\(path) already holds the newer token \(newer).",
                    hint: "A newer run was here: ask for the status before anything else.")
            }
            return .applied
        } catch {
            return .appliedNotDurable(error)
        }
    }
}
