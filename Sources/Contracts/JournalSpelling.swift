// How events are spelled in the journal: the names of the values that a case carries. A name that is
// written here is part of the format; changing one needs a new format number.

extension RunEvent {
    enum BeganCodingKeys: String, CodingKey { case _0 = "run" }
    enum AdoptedCodingKeys: String, CodingKey { case _0 = "adoption" }
    enum AdoptIntendedCodingKeys: String, CodingKey { case _0 = "intent" }
    enum StopRequestedCodingKeys: String, CodingKey { case _0 = "by" }
    enum FailedCodingKeys: String, CodingKey { case _0 = "failure" }
    enum ClaimIntendedCodingKeys: String, CodingKey { case _0 = "intent" }
    enum StepBeganCodingKeys: String, CodingKey { case _0 = "step" }
    enum StepSpawnedCodingKeys: String, CodingKey { case _0 = "step", _1 = "process" }
    enum StepEndedCodingKeys: String, CodingKey { case _0 = "step", _1 = "ending" }
    enum SealedCodingKeys: String, CodingKey { case _0 = "release" }
    enum PreflightPassedCodingKeys: String, CodingKey { case _0 = "routers" }
    enum CanaryIntendedCodingKeys: String, CodingKey { case _0 = "intent" }
    enum CanaryJudgedCodingKeys: String, CodingKey { case _0 = "verdict" }
    enum SwitchIntendedCodingKeys: String, CodingKey { case _0 = "intent" }
    enum UndoIntendedCodingKeys: String, CodingKey { case _0 = "intent" }
    enum RollbackIntendedCodingKeys: String, CodingKey { case _0 = "intent" }
    enum LevelIntendedCodingKeys: String, CodingKey { case _0 = "intent" }
    enum SurveyedCodingKeys: String, CodingKey { case _0 = "routers" }
    enum WrittenCodingKeys: String, CodingKey { case _0 = "routers" }
    enum ConfirmedCodingKeys: String, CodingKey { case _0 = "routers" }
    enum ContradictedCodingKeys: String, CodingKey { case _0 = "failure" }
    enum UnreadableCodingKeys: String, CodingKey { case _0 = "failure" }
    enum ProvedCodingKeys: String, CodingKey { case _0 = "evidence" }
    enum NotProvedCodingKeys: String, CodingKey { case _0 = "evidence", _1 = "failure" }
    enum TunnelsClosedCodingKeys: String, CodingKey { case _0 = "color", _1 = "failure" }
    enum UnsettledCodingKeys: String, CodingKey { case _0 = "failure" }
    enum BakeBeganCodingKeys: String, CodingKey { case _0 = "length" }
    enum BakeJudgedCodingKeys: String, CodingKey { case _0 = "verdict" }
    enum WayBackProbedCodingKeys: String, CodingKey { case _0 = "wayBack" }
    enum TestedCodingKeys: String, CodingKey { case _0 = "recipes" }
    enum RetireIntendedCodingKeys: String, CodingKey { case _0 = "intent" }
    enum RetiredCodingKeys: String, CodingKey { case _0 = "color" }
    enum EndedCodingKeys: String, CodingKey { case _0 = "outcome" }
}

extension StepEnding {
    enum FailedCodingKeys: String, CodingKey { case _0 = "failure", elapsed }
}

extension Interruption {
    enum SignalCodingKeys: String, CodingKey { case _0 = "number" }
    enum UnrecordedCodingKeys: String, CodingKey { case _0 = "failure" }
}

extension Outcome.Ending {
    enum InterruptedCodingKeys: String, CodingKey { case _0 = "by" }
}

extension Production {
    enum UntouchedCodingKeys: String, CodingKey { case _0 = "color" }
    enum ProvenCodingKeys: String, CodingKey { case _0 = "color" }
    enum ReadBackCodingKeys: String, CodingKey { case _0 = "color" }
}

extension Entrance.Place {
    enum HeaderCodingKeys: String, CodingKey { case _0 = "name" }
    enum JsonCodingKeys: String, CodingKey { case _0 = "path" }
}

extension Observation.Sighting {
    enum ColorCodingKeys: String, CodingKey { case _0 = "name" }
    enum SharedCodingKeys: String, CodingKey { case _0 = "name", idlePercent }
    enum ForeignCodingKeys: String, CodingKey { case _0 = "text" }
}

extension Observation.Durable {
    enum DiffersCodingKeys: String, CodingKey { case _0 = "shows" }
    enum UnknownCodingKeys: String, CodingKey { case _0 = "why" }
}

extension WriteResult {
    enum AppliedNotDurableCodingKeys: String, CodingKey { case _0 = "failure" }
    enum RefusedStaleCodingKeys: String, CodingKey { case _0 = "held" }
    enum NotAppliedCodingKeys: String, CodingKey { case _0 = "failure" }
    enum UnknownCodingKeys: String, CodingKey { case _0 = "failure" }
}

/// Lengths are written as seconds, exact to the nanosecond for a hundred days. The compiler's
/// coding of the types in this module picks these overloads.
extension KeyedEncodingContainer {
    mutating func encode(_ length: Duration, forKey key: Key) throws {
        try encode(length.inSeconds, forKey: key)
    }

    mutating func encodeIfPresent(_ length: Duration?, forKey key: Key) throws {
        try encodeIfPresent(length?.inSeconds, forKey: key)
    }
}

extension KeyedDecodingContainer {
    func decode(_ type: Duration.Type, forKey key: Key) throws -> Duration {
        try length(try decode(Double.self, forKey: key), forKey: key)
    }

    func decodeIfPresent(_ type: Duration.Type, forKey key: Key) throws -> Duration? {
        try decodeIfPresent(Double.self, forKey: key).map { try length($0, forKey: key) }
    }

    private func length(_ seconds: Double, forKey key: Key) throws -> Duration {
        guard abs(seconds) < 1e12 else {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: self, debugDescription: "not a length in seconds")
        }
        let whole = seconds.rounded(.towardZero)
        return .seconds(Int64(whole)) + .nanoseconds(Int64(((seconds - whole) * 1e9).rounded()))
    }
}
