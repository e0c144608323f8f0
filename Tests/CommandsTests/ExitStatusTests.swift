import Contracts
import PipelineModel
import Testing

@testable import Commands

/// The table of `docs/exit-codes.md`.
@Suite struct ExitStatusTests {
    private static let failure = Failure(.checkFailed, "x")

    private static func code(
        _ ending: Outcome.Ending, _ production: Production, failure: Failure? = nil,
        isUnrecorded: Bool = false, isRollback: Bool = false
    ) -> Int32 {
        ExitStatus(
            Outcome(
                ending, production: production, failure: failure, isUnrecorded: isUnrecorded),
            isRollback: isRollback
        ).rawValue
    }

    private static let known: [Production] = [.untouched(.blue), .proven(.blue), .readBack(.blue)]

    private static let endings: [(Outcome.Ending, Int32)] = [
        (.succeeded, 0), (.stoppedAsAsked, 0), (.failedBeforeSwitch, 10), (.undone, 11),
        (.rolledBackAutomatically, 11), (.keptUnhealthy, 22), (.inconclusive, 22),
        (.interrupted(.signal(2)), 130), (.interrupted(.signal(15)), 143),
        (.interrupted(.aborted), 12), (.interrupted(.superseded(by: 9)), 12),
        (.interrupted(.timedOut), 124), (.interrupted(.unrecorded(failure)), 74),
        (.rollbackImpossible, 21), (.unsettled, 20),
    ]

    @Test(arguments: endings)
    func `every ending has its status while production is known`(
        ending: Outcome.Ending, status: Int32
    ) {
        for production in Self.known { #expect(Self.code(ending, production) == status) }
    }

    @Test(arguments: endings.map(\.0))
    func `whatever happened, a production that nobody can name is 20`(ending: Outcome.Ending) {
        #expect(Self.code(ending, .unknown) == 20)
        #expect(Self.code(ending, .unknown, isUnrecorded: true) == 20)
    }

    @Test func `a rollback that was not recorded is 74`() {
        let code = Self.code(.succeeded, .proven(.blue), isUnrecorded: true, isRollback: true)
        #expect(code == 74)
    }

    @Test(arguments: [Outcome.Ending.undone, .rolledBackAutomatically])
    func `a way back that could not read every router pages`(ending: Outcome.Ending) {
        var outcome = Outcome(ending, production: .proven(.blue))
        outcome.leftOut = [RouterID("lb-3"): "gone"]
        #expect(ExitStatus(outcome, isRollback: false) == .unknown)
    }

    @Test func `a switch that was not recorded pages, for 74 says untouched`() {
        #expect(Self.code(.succeeded, .proven(.green), isUnrecorded: true) == 20)
        #expect(Self.code(.stoppedAsAsked, .readBack(.green), isUnrecorded: true) == 20)
        #expect(Self.code(.stoppedAsAsked, .untouched(.blue), isUnrecorded: true) == 74)
    }

    @Test(
        arguments: [
            (Failure.Code.lockHeld, 30), (.refused, 32), (.wayBackConsumed, 32),
            (.idleClaimed, 32), (.identityAlike, 32), (.identityMissing, 32), (.drift, 33),
            (.recordCorrupt, 33), (.recordStale, 33), (.superseded, 33), (.routerUnreachable, 40),
            (.routerGarbled, 40), (.commandNotFound, 40), (.nothingToRollBackTo, 21),
            (.pipelineMissing, 78), (.recordUnwritable, 74), (.checkFailed, 10),
            (.commandFailed, 10), (.capacityMissing, 10), (.targetDown, 10),
        ] as [(Failure.Code, Int32)])
    func `a failure before anything was changed names its kind`(
        code: Failure.Code, status: Int32
    ) {
        #expect(ExitStatus(untouched: code).rawValue == status)
        #expect(
            Self.code(.failedBeforeSwitch, .untouched(.blue), failure: Failure(code, "x"))
                == status)
    }
}
