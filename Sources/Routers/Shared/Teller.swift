import Contracts
import PipelineModel

/// The way in which the user's own tool or API is asked and told.
protocol Teller: Sendable {
    /// Where it is, for people: `./traffic`.
    var address: String { get }
    /// At the beginning of a sentence: `The tool ./traffic`.
    var name: String { get }

    /// What is in effect now. Anything that is not understood is a failure.
    func read() async throws(Failure) -> KeptDatum

    /// Fails with `.routerTargetMissing` where the target of the colour does not exist. Without a
    /// question for that, nothing is asked.
    func findTarget(of datum: Datum) async throws(Failure)

    /// Tells it once.
    func tell(_ datum: Datum) async -> Telling

    /// Fails where the user's own question about the result is answered badly.
    func verify(_ datum: Datum) async throws(Failure)
}

/// What came of telling.
enum Telling: Sendable {
    case done
    /// Nobody has heard it.
    case unheard(Failure)
    /// It was answered with a no. What is in effect must be read.
    case refused(Failure)
    /// Nobody knows, and it may still take effect.
    case unclear(Failure)
}
