import Contracts
import PipelineModel

@testable import Commands

/// Record and routers as a test needs them, without a disk.
struct Scene {
    static let start = WallTime(milliseconds: 1_795_000_000_000)
    static let router = RouterID("haproxy")
    static let release = Release(version: "2.9")

    var record = Record()
    var condition = StoredRecord.Condition.sound
    var isAlive = false
    var requirement = FleetRequirement.all
    var seen: [RouterID: Result<Observation, Failure>] = [:]

    /// Run 41 deploys to green while blue is live, and got as far as `events`.
    init(
        _ events: [RunEvent] = [], plan: RunPlan = Scene.plan, live: Color = .blue,
        token: Token? = Token(epoch: 40, round: 1)
    ) {
        record.live = LiveRecord(
            color: .blue, since: Self.start, run: RunID("r-000040-aaaaaa"), user: "ana",
            token: token)
        record.releases = [.blue: Release(version: "2.8"), .green: Release(version: "2.7")]
        record.wayBack = .green
        record.epoch = 40
        shows(live, token: token)
        guard !events.isEmpty else { return }
        let began = RunEvent.began(Self.beginning(plan))
        for (index, event) in ([began] + events).enumerated() {
            record.apply(
                JournalEntry(
                    number: index + 1, time: Self.start, uptime: .zero, epoch: 41, event: event))
        }
    }

    static let plan = RunPlan(
        verb: .deploy, entry: .deploying, from: .blue, to: .green, release: release,
        deploySteps: ["start"], checks: ["healthy"], hasBake: true)

    static func beginning(_ plan: RunPlan) -> RunBeginning {
        RunBeginning(
            run: RunID("r-000041-bbbbbb"), epoch: 41, service: "shop", stage: nil, plan: plan,
            owner: Owner(
                process: ProcessIdentity(pid: 900, startTime: 1, bootID: "boot-1"), host: "ci-7",
                user: "ben"))
    }

    static func intent(_ live: Color, _ round: Int) -> Intent {
        Intent(
            datum: Datum(
                live: live, isIdleClaimed: live == .blue, token: Token(epoch: 41, round: round)),
            from: .blue,
            recipes: [], release: release)
    }

    /// Green is about to get that share.
    static func canary(_ percent: Int, _ round: Int) -> Intent {
        var intent = intent(.blue, round)
        intent.datum.isIdleClaimed = false
        intent.datum.idlePercent = percent
        return intent
    }

    mutating func shows(
        _ live: Color, token: Token?, isIdleClaimed: Bool = false,
        durable: Observation.Durable = .same, pools: [Color: Pool] = [:]
    ) {
        seen[Self.router] = .success(
            Observation(
                effective: .color(live), durable: durable, token: token,
                isIdleClaimed: isIdleClaimed, pools: pools))
    }

    var situation: Situation {
        Situation(
            stored: StoredRecord(record: record, condition: condition, isOwnerAlive: isAlive),
            seen: seen, requirement: requirement)
    }

    // MARK: - How far run 41 came

    static let claimed: [RunEvent] = [.claimIntended(intent(.blue, 1)), .claimed]
    static let sealed = claimed + [.sealed(release)]
    static let ready = sealed + [.checksPassed]
    static let switching = ready + [.switchIntended(intent(.green, 2))]
    static let baking =
        switching + [.switched(live: .green, previous: .blue), .bakeBegan(.seconds(600))]
    static let judged = baking + [.bakeJudged(BakeVerdict(.failed, why: "errors", samples: 9))]
    static let goingBack = judged + [.rollbackIntended(intent(.blue, 3))]
}
