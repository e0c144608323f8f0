import Contracts
import PipelineModel
import RunEngine
import ShopRig
import TestWorld
import Testing

@testable import Commands

/// What `status` and the verbs that only look say.
@Suite struct StatusTranscripts {
    @Test func `status before the first deployment`() throws {
        let shop = Shop()
        shop.type("status")
        try shop.expectTranscript("status-first")
    }

    @Test func `status of a calm day, in prose and JSON`() throws {
        let shop = Shop.running()
        shop.type("status")
        shop.type("status", "-v")
        shop.type("status", "-q")
        shop.type("status", "-o", "json")
        try shop.expectTranscript("status")
    }

    @Test func `status when the router is gone`() throws {
        let shop = Shop.running()
        shop.production.change { $0.isRouterUp = false }
        shop.type("status")
        shop.type("deploy", "2.9")
        shop.type("rollback")
        shop.type("deploy", "2.9", "-o", "json")
        try shop.expectTranscript("router-unreachable")
    }

    @Test func `without a pipeline the next command is one that leads to one`() {
        let shop = Shop.running()
        shop.files["bluegreen.yaml"] = nil
        let screen = shop.type("status")
        #expect(
            screen.output.contains("next: Write one with 'bluegreen init', or name one with -f"))
        #expect(!screen.output.contains("validate"), "\(screen.output)")
    }

    @Test(arguments: [
        (0, "expected about 305 ms", "take about 305 ms"),
        (7, "expected about 15 ms", "take about 15 ms"),
    ])
    func `a rollback is expected to take what the last proof took, where nothing disturbed that`(
        errors: Int, expected: String, rehearsed: String
    ) throws {
        let shop = Shop.running()
        let proof = ProofEvidence(
            probes: 29, errors: errors, firstNew: .milliseconds(6), lastOld: nil,
            elapsed: .milliseconds(300))
        _ = shop.begin(
            Trouble.plan(),
            Trouble.switching + [
                .proved(proof), .switched(live: .green, previous: .blue),
                .ended(Outcome(.succeeded, production: .proven(.green))),
            ], isAlive: false)
        shop.production.setValue("green:blue:0:194")
        let screen = shop.type("status")
        #expect(screen.output.contains(expected), "\(screen.output)")
        let doctor = shop.type("doctor", "--rollback-from-here")
        #expect(doctor.output.contains(rehearsed), "\(doctor.output)")
    }

    @Test func `drift is shown, refused and adopted`() throws {
        let shop = Shop.running()
        shop.note("somebody switches by hand")
        shop.production.setValue("green:blue:0:0")
        shop.type("status")
        shop.type("deploy", "2.9")
        shop.type("rollback")
        shop.type("rollback", "-o", "json")
        shop.type("adopt", "--dry-run")
        shop.type("adopt", "--reason", "switched by hand")
        shop.type("status")
        try shop.expectTranscript("drift")
    }

    @Test func `what is live is no way back because an overtaken record says so`() throws {
        let shop = Shop.running()
        _ = shop.begin(Trouble.plan(), Trouble.switching, isAlive: false)
        // Another machine went back to blue, and did more since.
        shop.production.setValue("blue:-:0:577")
        let status = shop.type("status")
        #expect(!status.output.contains("READY →"))
        #expect(status.output.contains("NOT READY  blue is live already"))
        #expect(shop.type("doctor", "--rollback-from-here").status != 0)
    }

    @Test func `a public address that shows nothing is nothing to rely on`() throws {
        let shop = Shop.running()
        shop.note("blue answers with 500")
        shop.production.change { $0.environments[.blue]?.status = 500 }
        shop.type("status")
        shop.note("blue does not answer")
        shop.production.change { $0.environments[.blue]?.isUp = false }
        shop.type("status")
        try shop.expectTranscript("status-public-silent")
    }

    @Test func `a public address that answers as neither colour contradicts the router`() throws {
        let shop = Shop.running()
        shop.note("the address leads somewhere else")
        shop.production.change { $0.environments[.blue]?.identity = "parked" }
        #expect(shop.type("status").status == 20)
        shop.type("status", "-o", "json")
        try shop.expectTranscript("status-public-foreign")
    }

    @Test func `an answer that nobody can recognise confirms nothing, and is no alarm`() {
        let byVersion = Shop.pipeline.replacing(
            "header: X-Color", with: "header: X-Color\n    equals: ${version}")
        let shop = Shop(pipeline: byVersion)
        let screen = shop.type("status")
        #expect(screen.status == 0)
        #expect(
            screen.output.contains(
                "The public address answers 'blue'; what blue answers is not known, so that"
                    + " confirms nothing."))
    }

    @Test func `a run shows what it overrode`() {
        let shop = Shop.running()
        shop.type("deploy", "2.9", "--skip-check", "healthy", "--reason", "known flaky")
        let line = "overriding: --skip-check healthy because: known flaky"
        #expect(shop.type("show").output.contains(line))
    }

    @Test func `history and show`() throws {
        let shop = Shop.running()
        shop.type("rollback", "--reason", "bad")
        shop.type("history")
        shop.type("history", "--limit", "1")
        shop.type("history", "--before", "r-000002", "-q")
        shop.type("history", "--before", "r-000002-xxxxxx")
        shop.type("show")
        shop.type("show", "r-000001")
        shop.type("show", "r-0")
        shop.type("show", "r-99")
        shop.type("history", "--limit", "1", "-o", "json")
        shop.type("show", "-o", "json")
        try shop.expectTranscript("history")
    }

    @Test func `checks can be asked where the router alone is believed`() {
        let shop = Shop(
            pipeline: Shop.pipeline.replacing(
                "public:\n  url: http://127.0.0.1:8080/version\n  identity:\n    header: X-Color",
                with: "switch:\n  prove: readBack"
            ).replacing("probe: p95", with: "router: averageResponseTime"))
        let screen = shop.type("check")
        #expect(screen.status == 0, "\(screen)")
    }

    @Test func `checks can be asked alone`() throws {
        let shop = Shop.running()
        shop.type("check")
        shop.production.change { $0.environments[.green]?.status = 503 }
        shop.type("check", "green")
        shop.type("check", "-o", "json")
        shop.type("check", "-q")
        try shop.expectTranscript("check")
    }
}
