import Contracts
import PipelineModel

/// Events of an invented service, with every case and every kind of value.
enum Sample {
    static let release = Release(version: "2.8.0", artifactDigest: "sha256:0f")
    static let failure = Failure(
        .routerUnreachable, "lb-1 did not answer.", evidence: ["connect: \"refused\"\n→ é 😀"],
        hint: "Is it running?")
    static let child = ProcessIdentity(pid: 4800, startTime: 200, bootID: "boot-1")
    static let observation = Observation(
        effective: .color(.green), durable: .differs(.absent), token: Token(epoch: 1, round: 1),
        oldWorkers: 1, pools: [.green: Pool(serversUp: 2, serversInAll: 2)])
    static let evidence = ProofEvidence(
        probes: 418, errors: 0, firstNew: .milliseconds(12), lastOld: .microseconds(29_001),
        elapsed: .nanoseconds(31_000_001), realRequests: [.green: 1203, .blue: 0])

    static func beginning(
        _ run: RunID, _ epoch: Int, service: String = "shop", supersedes: RunID? = nil
    ) -> RunBeginning {
        RunBeginning(
            run: run, epoch: epoch, service: service, stage: "production",
            plan: RunPlan(verb: .deploy, entry: .deploying, from: .blue, to: .green),
            owner: Owner(
                process: ProcessIdentity(pid: 4711, startTime: 100, bootID: "boot-1"),
                host: "ci-7", user: "ana"),
            supersedes: supersedes)
    }

    static func intent(_ live: Color, round: Int, isIdleClaimed: Bool = false) -> Intent {
        Intent(
            datum: Datum(
                live: live, isIdleClaimed: isIdleClaimed, token: Token(epoch: 1, round: round)),
            from: live.other,
            recipes: [
                Recipe(
                    router: RouterID("lb-1"), kind: "haproxy",
                    settings: #"{"socket":"/run/haproxy/admin.sock","password":"${env.SECRET}"}"#)
            ],
            release: release,
            entrance: Entrance(
                url: "https://shop.example.com/version", place: .header("X-Color"),
                expected: [.blue: "blue", .green: "green"], consecutive: 20, within: .seconds(5),
                direct: [.blue: "http://127.0.0.1:8081", .green: "http://127.0.0.1:8082"]))
    }

    /// A deployment from the claim to the end of its bake.
    static let deployment: [RunEvent] = [
        .claimIntended(intent(.blue, round: 1, isIdleClaimed: true)),
        .claimed,
        .stepBegan(StepMark(.deploy, 0, "compose")),
        .stepSpawned(StepMark(.deploy, 0, "compose"), child),
        .stepEnded(
            StepMark(.deploy, 0, "compose"), .succeeded(evidence: "exit 0", elapsed: .seconds(3))),
        .sealed(release),
        .checksPassed,
        .preflightPassed([RouterID("lb-1"): observation]),
        .switchIntended(intent(.green, round: 2)),
        .written([RouterID("lb-1"): .applied]),
        .confirmed([RouterID("lb-1"): observation]),
        .proved(evidence),
        .switched(live: .green, previous: .blue),
        .bakeBegan(.seconds(600)),
        .bakeJudged(BakeVerdict(.passed, why: "errors 0.1% (< 1%)", samples: 1203)),
        .ended(Outcome(.succeeded, production: .proven(.green))),
    ]

    /// What a deployment does not contain.
    static let others: [RunEvent] =
        [
            .adopted(Adoption(live: .blue, token: Token(number: 66), why: "first run")),
            .stopRequested(.signal(15)), .stopRequested(.aborted),
            .stopRequested(.superseded(by: 42)), .stopRequested(.timedOut),
            .stopRequested(.unrecorded(failure)),
            .failed(failure),
            .stepEnded(
                StepMark(.check, 1, "suite"), .failed(failure, elapsed: .milliseconds(1500))),
            .stepEnded(StepMark(.retire, 0, "stop"), .skipped(reason: "asked for")),
            .undoIntended(intent(.blue, round: 3)),
            .rollbackIntended(intent(.blue, round: 4)),
            .written([
                RouterID("a"): .appliedNotDurable(failure),
                RouterID("b"): .refusedStale(Token(epoch: 2, round: 1)),
                RouterID("c"): .notApplied(failure), RouterID("d"): .unknown(failure),
            ]),
            .confirmed([
                RouterID("a"): Observation(
                    effective: .foreign("canary"), durable: .same, oldWorkers: 0),
                RouterID("b"): Observation(
                    effective: .absent, durable: .unknown("no file"), oldWorkers: 0),
            ]),
            .contradicted(failure), .unreadable(failure),
            .notProved(
                ProofEvidence(
                    probes: 3, errors: 3, firstNew: nil, lastOld: nil, elapsed: .seconds(5)),
                failure),
            .undone, .rolledBack(live: .blue), .unsettled(failure),
            .wayBackProbed(WayBack(isBetter: true, evidence: "blue answers")),
            .retireIntended(intent(.green, round: 5, isIdleClaimed: true)), .retired(.blue),
        ] + endings.map { .ended(Outcome($0, production: .readBack(.blue), isUnrecorded: true)) }
        + [
            .ended(Outcome(.unsettled, production: .unknown, failure: failure)),
            .ended(Outcome(.succeeded, production: .untouched(.blue))),
            .adoptIntended(intent(.green, round: 1)),
        ]

    private static let endings: [Outcome.Ending] = [
        .stoppedAsAsked, .failedBeforeSwitch, .undone, .rolledBackAutomatically, .keptUnhealthy,
        .inconclusive, .interrupted(.timedOut), .rollbackImpossible,
    ]
}
