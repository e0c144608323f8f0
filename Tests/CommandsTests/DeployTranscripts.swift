import Contracts
import PipelineModel
import RunEngine
import ShopRig
import Testing

@testable import Commands

/// What `deploy`, `switch` and `rollback` look like.
@Suite struct DeployTranscripts {
    @Test func `the first deployment adopts what the router shows and ends on green`() throws {
        let shop = Shop()
        shop.type("deploy", "2.7")
        shop.type("deploy", "2.7")
        #expect(shop.production.value?.hasPrefix("green:blue:0:") == true)
        try shop.expectTranscript("deploy-first")
    }

    @Test func `a good release goes live and the way back is named`() throws {
        let shop = Shop.running()
        shop.type("deploy", "2.9")
        shop.type("deploy", "2.9", "-q", "--redeploy")
        shop.type("deploy", "3.0", "-v")
        try shop.expectTranscript("deploy")
    }

    @Test func `a release that fails its check never receives traffic`() throws {
        let shop = Shop.running()
        shop.production.change { $0.environments[.green]?.status = 503 }
        shop.type("deploy", "2.9")
        #expect(shop.production.value?.hasPrefix("blue:") == true)
        try shop.expectTranscript("deploy-check-fails")
    }

    @Test func `a failing step shows what it said and where its output is`() throws {
        let shop = Shop.running()
        shop.production.change {
            $0.programs["./start"] = .init(exit: 3, lines: ["pulling", "no such image"])
        }
        shop.type("deploy", "2.9")
        try shop.expectTranscript("deploy-step-fails")
    }

    @Test func `a release that is bad under traffic goes back by itself`() throws {
        let shop = Shop.running()
        shop.production.change {
            $0.onSwitch[.green] = { state in
                state.environments[.green]?.requests += 1
            }
        }
        let screen = shop.type("deploy", "2.9", after: .seconds(9)) { _ in
            shop.production.change { $0.environments[.green]?.status = 500 }
        }
        #expect(screen.status == 11)
        shop.type("status")
        try shop.expectTranscript("deploy-bake-fails")
    }

    @Test func `a long step says every ten seconds that it goes on`() throws {
        let shop = Shop.running()
        shop.production.change {
            $0.programs["./start"] = .init(takes: .seconds(25))
            $0.environments[.green]?.status = 503
        }
        shop.type("deploy", "2.9", after: .seconds(70)) { _ in
            shop.production.change { $0.environments[.green]?.status = 200 }
        }
        try shop.expectTranscript("deploy-takes-long")
    }

    @Test func `a switch that nobody sees is undone`() throws {
        let shop = Shop.running()
        shop.production.change {
            $0.onSwitch[.green] = { $0.environments[.green]?.identity = "blue" }
        }
        shop.type("deploy", "2.9")
        try shop.expectTranscript("deploy-not-proven")
    }

    @Test func `what would be done is shown without doing it`() throws {
        let shop = Shop.running()
        shop.type("plan", "2.9")
        shop.type("plan", "2.9", "--detailed-exitcode", "-q")
        shop.type("plan", "2.8", "--detailed-exitcode")
        shop.type("deploy", "2.9", "--dry-run")
        shop.type("plan", "2.9", "-o", "json")
        try shop.expectTranscript("plan")
    }

    @Test func `a deploy can stop before the switch, and switch finishes it`() throws {
        let shop = Shop.running()
        shop.type("deploy", "2.9", "--until", "ready")
        shop.type("status")
        shop.type("switch", "--dry-run")
        shop.type("switch", "--no-bake")
        shop.type("switch", "green")
        try shop.expectTranscript("switch")
    }

    @Test func `traffic goes back in one step, with the broken pipeline too`() throws {
        let shop = Shop.running()
        shop.type("rollback", "--dry-run")
        shop.type("rollback", "--reason", "checkout is failing")
        shop.type("status")
        shop.type("rollback")
        shop.note("the pipeline is broken")
        shop.write("bluegreen.yaml", "service: [")
        shop.type("rollback", "--to", "green")
        try shop.expectTranscript("rollback")
    }

    @Test func `a run as JSON lines is spelled as its journal`() throws {
        let shop = Shop.running()
        shop.type("deploy", "2.9", "--until", "ready", "-o", "json")
        shop.type("switch", "-o", "json", after: .seconds(2)) { $0.ask(.signal(2)) }
        shop.type("retire", "-o", "json")
        shop.type("retire", "--now", "--reason", "full", "--dry-run", "-o", "json")
        shop.type("abort", "-o", "json")
        try shop.expectTranscript("json")
    }

    @Test func `Ctrl-C in every phase says where production is`() throws {
        let shop = Shop.running()
        shop.type("deploy", "2.9", after: .milliseconds(500)) { $0.ask(.signal(2)) }
        shop.type("deploy", "2.9", after: .milliseconds(2500)) { $0.ask(.signal(15)) }
        shop.type("deploy", "2.9", after: .seconds(8)) { $0.ask(.signal(2)) }
        shop.type("status")
        shop.type("deploy", "3.0", "--timeout", "10s", "--consume-rollback", "--reason", "urgent")
        try shop.expectTranscript("interrupted")
    }
}
