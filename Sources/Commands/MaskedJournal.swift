import Console
import Contracts

/// Keeps secrets out of the record: every text that came from outside is masked before it is written.
struct MaskedJournal: RunJournal {
    let journal: any RunJournal
    let secrets: Secrets

    var beginning: RunBeginning { journal.beginning }

    func append(_ event: RunEvent, isDurable: Bool) async throws(Failure) {
        try await journal.append(event.masked(by: secrets.masker), isDurable: isDurable)
    }

    func whileNewest<Result: Sendable>(
        _ body: @Sendable () async -> Result
    ) async throws(Failure) -> Result {
        try await journal.whileNewest(body)
    }

    func newestEpoch() -> Int { journal.newestEpoch() }

    func close() async { await journal.close() }
}

extension RunEvent {
    /// The same event without secrets in its texts. Names are kept as they are needed; a recipe holds
    /// references, no values.
    func masked(by masker: Masker) -> RunEvent {
        switch self {
        case .began(var beginning):
            beginning.reason = beginning.reason.map(masker.masked)
            return .began(beginning)
        case .adopted(var adoption):
            adoption.why = masker.masked(adoption.why)
            adoption.leftOut = adoption.leftOut?.mapValues(masker.masked)
            return .adopted(adoption)
        case .stopRequested(let interruption):
            return .stopRequested(interruption.masked(by: masker))
        case .failed(let failure): return .failed(failure.masked(by: masker))
        case .stepEnded(let mark, let ending):
            return .stepEnded(mark, ending.masked(by: masker))
        case .sealed(var release):
            release.artifact = release.artifact.map(masker.masked)
            return .sealed(release)
        case .written(let results):
            return .written(results.mapValues { $0.masked(by: masker) })
        case .contradicted(let failure): return .contradicted(failure.masked(by: masker))
        case .unreadable(let failure): return .unreadable(failure.masked(by: masker))
        case .notProved(var evidence, let failure):
            evidence.lastMismatch = evidence.lastMismatch.map(masker.masked)
            return .notProved(evidence, failure.masked(by: masker))
        case .proved(var evidence):
            evidence.lastMismatch = evidence.lastMismatch.map(masker.masked)
            return .proved(evidence)
        case .unsettled(let failure): return .unsettled(failure.masked(by: masker))
        case .bakeJudged(var verdict):
            verdict.why = masker.masked(verdict.why)
            return .bakeJudged(verdict)
        case .canaryJudged(var verdict):
            verdict.why = masker.masked(verdict.why)
            return .canaryJudged(verdict)
        case .wayBackProbed(var wayBack):
            wayBack.evidence = masker.masked(wayBack.evidence)
            return .wayBackProbed(wayBack)
        case .tunnelsClosed(let color, let failure):
            return .tunnelsClosed(color, failure?.masked(by: masker))
        case .ended(let outcome): return .ended(outcome.masked(by: masker))
        case .adoptIntended(let intent): return .adoptIntended(intent.masked(by: masker))
        case .claimIntended(let intent): return .claimIntended(intent.masked(by: masker))
        case .canaryIntended(let intent): return .canaryIntended(intent.masked(by: masker))
        case .switchIntended(let intent): return .switchIntended(intent.masked(by: masker))
        case .undoIntended(let intent): return .undoIntended(intent.masked(by: masker))
        case .rollbackIntended(let intent): return .rollbackIntended(intent.masked(by: masker))
        case .levelIntended(let intent): return .levelIntended(intent.masked(by: masker))
        case .surveyed(let surveys):
            return .surveyed(
                surveys.mapValues { survey in
                    var survey = survey
                    survey.happened = masker.masked(survey.happened)
                    return survey
                })
        case .retireIntended(let intent): return .retireIntended(intent.masked(by: masker))
        case .claimed, .stepBegan, .stepSpawned, .checksPassed, .preflightPassed, .confirmed,
            .switched, .undone, .rolledBack, .levelled, .bakeBegan, .tested, .retired:
            return self
        }
    }
}

extension Intent {
    /// A public address that holds a secret is not written down: a masked one would prove nothing. A
    /// rollback then takes it from the pipeline, or believes the router.
    fileprivate func masked(by masker: Masker) -> Intent {
        var intent = self
        intent.release?.artifact = release?.artifact.map(masker.masked)
        intent.leftOut = leftOut?.mapValues(masker.masked)
        intent.addresses = addresses?.filter { masker.masked($0.key) == $0.key }
        if let entrance {
            let written = JSONOut.line(entrance)
            if masker.masked(written) != written { intent.entrance = nil }
        }
        return intent
    }
}

extension Failure {
    func masked(by masker: Masker) -> Failure {
        Failure(
            code, masker.masked(message), evidence: evidence.map(masker.evidence),
            hint: hint.map(masker.masked))
    }
}

extension StepEnding {
    func masked(by masker: Masker) -> StepEnding {
        switch self {
        case .succeeded(let evidence, let elapsed):
            .succeeded(evidence: masker.evidence(evidence), elapsed: elapsed)
        case .failed(let failure, let elapsed):
            .failed(failure.masked(by: masker), elapsed: elapsed)
        case .skipped(let reason): .skipped(reason: masker.masked(reason))
        }
    }
}

extension Interruption {
    fileprivate func masked(by masker: Masker) -> Interruption {
        guard case .unrecorded(let failure) = self else { return self }
        return .unrecorded(failure.masked(by: masker))
    }
}

extension WriteResult {
    fileprivate func masked(by masker: Masker) -> WriteResult {
        switch self {
        case .applied, .refusedStale: self
        case .appliedNotDurable(let failure): .appliedNotDurable(failure.masked(by: masker))
        case .notApplied(let failure): .notApplied(failure.masked(by: masker))
        case .unknown(let failure): .unknown(failure.masked(by: masker))
        }
    }
}

extension Outcome {
    fileprivate func masked(by masker: Masker) -> Outcome {
        var outcome = self
        outcome.failure = failure?.masked(by: masker)
        outcome.leftOut = leftOut?.mapValues(masker.masked)
        if case .interrupted(let interruption) = ending {
            outcome.ending = .interrupted(interruption.masked(by: masker))
        }
        return outcome
    }
}

extension Masker {
    /// Without secrets; each line is then cut to 1,000 bytes.
    func evidence(_ text: String) -> String {
        masked(text).split(separator: "\n", omittingEmptySubsequences: false)
            .map { Wording.excerpt($0.utf8, limit: 1000) }.joined(separator: "\n")
    }
}
