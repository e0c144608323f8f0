import FoundationEssentials
import Glibc
import Testing
import TrafficRig

extension RealHAProxy {
    /// Three real routers that switch together, or not at all.
    @Suite(.serialized)
    struct FleetTests {
        @Test func `50 switches of three routers lose nothing and confuse nobody`() async throws {
            try await FleetScene.open { scene in
                let summaries = try await scene.underLoadEverywhere { clients in
                    var changes: [Switch] = []
                    for number in 0..<50 {
                        let color = number % 2 == 0 ? "green" : "blue"
                        let change = try await Switch.measure(to: color) {
                            let done = try await scene.run("switch", color, "--no-bake")
                            guard done.status == 0 else { throw RigFailure("\(number): \(done)") }
                        }
                        for client in clients {
                            try await client.wait(for: color, after: change.acknowledged)
                        }
                        changes.append(change)
                    }
                    return changes
                }
                for summary in summaries {
                    print("50 switches of a fleet: \(summary)")
                    #expect(summary.isClean, "\(summary)")
                    #expect(summary.switches.count { $0.firstNew != nil } == 50)
                }
                let orders = [try await scene.blue.orders(), try await scene.green.orders()]
                #expect(
                    orders.flatMap(\.ids).sorted() == summaries.flatMap(\.placedOrders).sorted())
                #expect(orders.allSatisfy { $0.duplicates.isEmpty })
                try await scene.expectStatus(0, "lb-1", "lb-2", "lb-3")
            }
        }

        @Test func `a deploy with a bake over three routers, and its rollback`() async throws {
            try await FleetScene.open(
                PipelineText(bake: PipelineText.bake("1s", interval: "200ms"))
            ) { scene in
                let summaries = try await scene.underLoadEverywhere { _ in
                    let done = try await scene.run("deploy", "2.1.0")
                    #expect(done.status == 0, "\(done)")
                    #expect(try await scene.lives() == ["green", "green", "green"])
                    let back = try await scene.run("rollback")
                    #expect(back.status == 0, "\(back)")
                    #expect(try await scene.lives() == ["blue", "blue", "blue"])
                    return []
                }
                #expect(summaries.allSatisfy { $0.errorCount == 0 }, "\(summaries)")
                try await scene.expectStatus(0)
            }
        }

        @Test func `one dead router keeps all where they are`() async throws {
            try await FleetScene.open { scene in
                #expect(try await scene.run("switch", "green", "--no-bake").status == 0)
                await scene.last.stop()
                let done = try await scene.run("switch", "blue", "--no-bake")
                #expect(done.status == 40, "\(done)")
                #expect(done.errors.contains("lb-3:"), "\(done)")
                #expect(try await scene.lives(2) == ["green", "green"])
                try await scene.expectStatus(20, "green on lb-1, lb-2 · unreachable on lb-3")
            }
        }

        @Test func `a quorum leaves a dead router out, and resume brings it level`() async throws {
            try await FleetScene.open(quorum: 2) { scene in
                #expect(try await scene.run("switch", "green", "--no-bake").status == 0)
                await scene.last.stop()
                let summaries = try await scene.underLoadEverywhere(2) { _ in
                    let done = try await scene.run("switch", "blue", "--no-bake")
                    #expect(done.status == 0, "\(done)")
                    #expect(done.output.contains("except lb-3, left out and NOT moved"), "\(done)")
                    return []
                }
                #expect(summaries.allSatisfy { $0.errorCount == 0 }, "\(summaries)")
                #expect(try await scene.lives(2) == ["blue", "blue"])
                try await scene.expectStatus(33, "lb-3 was left out of the last move")
                try await scene.last.restart()
                try await scene.expectStatus(20, "SPLIT    blue on lb-1, lb-2 · green on lb-3")
                let done = try await scene.run("resume")
                #expect(done.status == 0, "\(done)")
                #expect(try await scene.lives() == ["blue", "blue", "blue"])
                try await scene.expectStatus(0, "ROLLBACK READY → green")
            }
        }

        @Test func `one that hangs in the switch brings the others back, and resume ends it`()
            async throws
        {
            try await FleetScene.openGated { scene, gate in
                gate.hold(scene.last.mapping("green"), .beforeHAProxy)
                let summaries = try await scene.underLoadEverywhere(2) { _ in
                    try await scene.beside("switch", "green", "--no-bake") { process in
                        try await gate.waitUntilHolding()
                        try scene.last.freeze()
                        gate.release()
                        let done = try await process.finish()
                        #expect(done.status == 20, "\(done)")
                        #expect(done.output.contains("UNKNOWN on lb-3"), "\(done)")
                        #expect(done.errors.contains("what happened"), "\(done)")
                    }
                    return []
                }
                #expect(summaries.allSatisfy { $0.errorCount == 0 }, "\(summaries)")
                #expect(try await scene.lives(2) == ["blue", "blue"])
                try await scene.expectStatus(20, "next: bluegreen resume")
                let early = try await scene.run("resume")
                #expect(early.status == 40, "\(early)")
                try scene.last.thaw()
                let done = try await scene.run("resume")
                #expect(done.status == 0, "\(done)")
                #expect(try await scene.lives() == ["blue", "blue", "blue"])
                try await scene.expectStatus(0)
            }
        }

        @Test(arguments: [true, false])
        func `a rollback turns all but the one that does not answer`(hangs: Bool) async throws {
            try await FleetScene.open(PipelineText()) { scene in
                let deployed = try await scene.run("deploy", "2.1.0")
                #expect(deployed.status == 0, "\(deployed)")
                if hangs { try scene.last.freeze() } else { await scene.last.stop() }
                let began = ContinuousClock.now
                try await scene.beside("rollback") { process in
                    try await eventually("the others to be back", within: .seconds(3)) {
                        try await scene.lives(2) == ["blue", "blue"]
                    }
                    let took = ContinuousClock.now - began
                    print("a rollback without one of three took \(took)")
                    #expect(took < (hangs ? .milliseconds(1500) : .seconds(1)))
                    let done = try await process.finish()
                    #expect(done.status == 20, "\(done)")
                    #expect(done.output.contains("on blue except lb-3"), "\(done)")
                }
                try await scene.expectStatus(20, "lb-3 was left out of the last move")
                if hangs { try scene.last.thaw() } else { try await scene.last.restart() }
                try await scene.expectStatus(20, "SPLIT    blue on lb-1, lb-2 · green on lb-3")
                let done = try await scene.run("resume")
                #expect(done.status == 0, "\(done)")
                #expect(try await scene.lives() == ["blue", "blue", "blue"])
                try await scene.expectStatus(0)
            }
        }

        @Test func `killed between two routers, a switch is told as split and undone`()
            async throws
        {
            try await FleetScene.openGated { scene, gate in
                gate.hold(scene.last.mapping("green"), .beforeHAProxy)
                try await scene.beside("switch", "green", "--no-bake") { process in
                    try await gate.waitUntilHolding()
                    try await eventually("the others to be switched") {
                        try await scene.lives(2) == ["green", "green"]
                    }
                    process.killAtOnce()
                }
                gate.forget()
                try await scene.expectStatus(20, "SPLIT    green on lb-1, lb-2 · blue on lb-3")
                let done = try await scene.run("resume")
                #expect(done.status == 0, "\(done)")
                #expect(try await scene.lives() == ["blue", "blue", "blue"])
                try await scene.expectStatus(0)
            }
        }

        @Test func `a switch that is stopped between two routers is ended by a rollback of all`()
            async throws
        {
            try await FleetScene.openGated { scene, gate in
                gate.hold(scene.last.mapping("green"), .beforeHAProxy)
                try await scene.beside("switch", "green", "--no-bake") { process in
                    try await gate.waitUntilHolding()
                    process.signal(SIGSTOP)
                    gate.forget()
                    let began = ContinuousClock.now
                    let back = try await scene.run("rollback")
                    print("a rollback past a stopped owner took \(ContinuousClock.now - began)")
                    #expect(back.status == 0, "\(back)")
                    #expect(try await process.waitUntilEnded() == .killed(by: SIGKILL))
                }
                #expect(try await scene.lives() == ["blue", "blue", "blue"])
                try await scene.expectStatus(0)
            }
        }

        @Test func `a rollback from a second machine ends a bake on the first`() async throws {
            try await FleetScene.open(PipelineText(bake: PipelineText.bake("60s"))) { scene in
                try await scene.beside("deploy", "2.1.0") { deploy in
                    try await scene.until("bakeBegan")
                    let back = try await scene.run(
                        "rollback", "--to", "blue", "--state", scene.folder.file("elsewhere"))
                    #expect(back.status == 0, "\(back)")
                    let done = try await deploy.finish()
                    #expect(done.status == 12, "\(done)")
                    #expect(try await scene.lives() == ["blue", "blue", "blue"])
                }
                // This record knows nothing of the rollback, and nobody has to watch green any more.
                try await scene.expectStatus(33)
            }
        }
    }
}
