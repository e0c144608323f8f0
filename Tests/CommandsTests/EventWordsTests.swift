import Contracts
import PipelineModel
import Testing

@testable import Commands
@testable import Console

/// One line for every event.
@Suite struct EventWordsTests {
    private static let failure = Failure(.checkFailed, "It did not work.")
    private static let step = StepMark(.deploy, 0, "start")
    private static let router = RouterID("lb-1")
    private static let proof = ProofEvidence(
        probes: 20, errors: 0, firstNew: .milliseconds(2), lastOld: .milliseconds(1),
        elapsed: .milliseconds(31), realRequests: [.blue: 0, .green: 1203])

    static let lines: [(RunEvent, String)] = [
        (
            .began(Scene.beginning(Scene.plan)),
            "deploy shop 2.9 to green (r-000041-bbbbbb, live: blue)"
        ),
        (
            .adopted(Adoption(live: .blue, token: nil, why: "first run")),
            "accepted blue as live: first run"
        ),
        (.stopRequested(.signal(2)), "told to stop: Ctrl-C"),
        (.failed(failure), "✗ It did not work."),
        (.claimIntended(Scene.intent(.blue, 1)), "claiming green"),
        (.claimed, "idle is claimed: no way back to it until this run ends"),
        (.stepBegan(step), "deploy: start"),
        (
            .stepSpawned(step, ProcessIdentity(pid: 7, startTime: 1, bootID: "b")), "start: pid 7"
        ),
        (.stepEnded(step, .succeeded(evidence: "exit 0", elapsed: .seconds(1))), "✓ start  exit 0"),
        (
            .stepEnded(step, .failed(failure, elapsed: .seconds(1))),
            "✗ start  after 1.0 s: It did not work."
        ),
        (.stepEnded(step, .skipped(reason: "flaky")), "- start skipped: flaky"),
        (.sealed(Scene.release), "sealed 2.9"),
        (.checksPassed, "✓ ready to switch"),
        (.preflightPassed([:]), "routers and both colours are as expected"),
        (.canaryIntended(Scene.canary(5, 2)), "canary: 5% of the requests to green"),
        (
            .canaryJudged(BakeVerdict(.passed, why: "all well", samples: 9)),
            "✓ canary passed: all well (9 requests)"
        ),
        (.switchIntended(Scene.intent(.green, 2)), "switching to green"),
        (.undoIntended(Scene.intent(.blue, 3)), "undoing: back to blue"),
        (.rollbackIntended(Scene.intent(.blue, 3)), "rolling back to blue"),
        (.written([router: .applied]), "written"),
        (
            .written([router: .refusedStale(Token(epoch: 9, round: 1))]),
            "lb-1 refused: it holds the newer token 9.1"
        ),
        (.written([router: .notApplied(failure)]), "lb-1 refused: It did not work."),
        (.written([router: .unknown(failure)]), "lb-1 did not say: It did not work."),
        (.confirmed([:]), "every router shows it"),
        (.contradicted(failure), "✗ It did not work."),
        (.unreadable(failure), "✗ It did not work."),
        (
            .proved(proof),
            "switched in 31 ms (first new 2 ms, last old 1 ms, 20 probes, 0 errors;"
                + " real requests: blue 0, green 1,203)"
        ),
        (
            .proved(
                ProofEvidence(
                    probes: 32, errors: 0, unserved: 12, firstNew: nil, lastOld: nil,
                    elapsed: .milliseconds(31))),
            "switched in 31 ms (32 probes, 0 errors, 12 before anything served there)"
        ),
        (
            .notProved(proof, failure),
            "✗ It did not work. (first new 2 ms, last old 1 ms, 20 probes, 0 errors;"
                + " real requests: blue 0, green 1,203)"
        ),
        (.switched(live: .green, previous: .blue), "✓ green is live"),
        (.undone, "✓ undone"),
        (.rolledBack(live: .blue), "✓ traffic is back on blue"),
        (.tunnelsClosed(.green, nil), "✓ tunnels to green are closed"),
        (.tunnelsClosed(.green, failure), "! tunnels to green stay open: It did not work."),
        (.unsettled(failure), "UNSETTLED It did not work."),
        (.bakeBegan(.seconds(600)), "watching for 10m"),
        (
            .bakeJudged(BakeVerdict(.passed, why: "all well", samples: 9)),
            "✓ bake passed: all well (9 requests)"
        ),
        (
            .bakeJudged(BakeVerdict(.passed, why: "all well", samples: 1)),
            "✓ bake passed: all well (1 request)"
        ),
        (
            .bakeJudged(BakeVerdict(.passed, why: "all well", samples: 9, isOwn: true)),
            "✓ bake passed: all well (9 requests of its own)"
        ),
        (
            .wayBackProbed(WayBack(isBetter: false, evidence: "both are down")),
            "traffic stays: both are down"
        ),
        (
            .adoptIntended(Scene.intent(.green, 1)),
            "writing green once more, so that a restart keeps it"
        ),
        (
            .tested([Recipe(router: RouterID("f5"), kind: "http", settings: "{}")]),
            "✓ as declared: f5"
        ),
        (.retireIntended(Scene.intent(.green, 1)), "blue is no way back from now on"),
        (.retired(.blue), "✓ blue is retired"),
        (
            .ended(Outcome(.succeeded, production: .proven(.green))),
            "ended; production is on green, proven from outside"
        ),
    ]

    private static func text(_ text: Text) -> String { text.rendered(inColor: false) }

    @Test(arguments: lines.indices)
    func `every event has its line`(index: Int) {
        let (event, line) = Self.lines[index]
        var words = EventWords()
        #expect(Self.text(words.words(event)) == line)
    }

    @Test(arguments: [
        RunEvent.undoIntended(Scene.intent(.blue, 3)), .rollbackIntended(Scene.intent(.blue, 3)),
    ])
    func `a proof after a way back says back`(intent: RunEvent) {
        var words = EventWords()
        _ = words.words(intent)
        #expect(Self.text(words.words(.proved(Self.proof))).hasPrefix("back in 31 ms"))
        _ = words.words(.switchIntended(Scene.intent(.green, 4)))
        #expect(Self.text(words.words(.proved(Self.proof))).hasPrefix("switched in 31 ms"))
    }

    @Test func `evidence of several lines was shown with a backslash and an n`() {
        let asked = EventWords.asked(false, inARow: 0, "exit 3\n2 of 12 failed")
        #expect(Self.text(asked) == "not yet  exit 3; 2 of 12 failed")
        let ended = EventWords.ended(
            StepMark(.check, 0, "suite"),
            .succeeded(evidence: "exit 0\n12 passed", elapsed: .seconds(60)))
        #expect(Self.text(ended) == "✓ suite  after 1m: exit 0; 12 passed")
    }

    @Test func `a claim that a restart forgets was told as a switch`() {
        var words = EventWords()
        _ = words.words(.claimIntended(Scene.intent(.blue, 1)))
        let line = words.words(.written([Self.router: .appliedNotDurable(Self.failure)]))
        #expect(
            Self.text(line)
                == "warning: lb-1 took it, but a restart would return to the old value: It did not work."
        )
    }

    @Test func `a switch that every router refused is not said to have happened`() {
        var words = EventWords()
        _ = words.words(.switchIntended(Scene.intent(.green, 4)))
        _ = words.words(.failed(Self.failure))
        #expect(
            Self.text(words.words(.proved(Self.proof)))
                == "blue still answers (20 probes, 0 errors)")
        #expect(Self.text(words.words(.undone)) == "✓ nothing has moved")
        _ = words.words(.undoIntended(Scene.intent(.blue, 5)))
        _ = words.words(.written([Self.router: .applied]))
        #expect(Self.text(words.words(.undone)) == "✓ undone")
    }

    @Test func `a switch without a public address is confirmed by the router only`() {
        var words = EventWords()
        let evidence = ProofEvidence(
            probes: 0, errors: 0, firstNew: nil, lastOld: nil, elapsed: .zero)
        #expect(Self.text(words.words(.proved(evidence))) == "confirmed by the router only")
    }

    @Test(arguments: lines.indices)
    func `no event carries a secret into the record`(index: Int) throws {
        let masker = Masker(secrets: ["It did not work.", "first run", "all well", "both are down"])
        let event = Self.lines[index].0.masked(by: masker)
        let written = JSONOut.line(event)
        #expect(!written.contains("did not work"))
        #expect(!written.contains("first run"))
        #expect(!written.contains("all well"))
        #expect(!written.contains("both are down"))
    }
}
