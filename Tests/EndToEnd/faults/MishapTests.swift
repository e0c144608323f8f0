import Testing
import TrafficRig

/// What happens to HAProxy while a command is under way.
private enum Mishap: String, CaseIterable {
    case reload
    case restart
    /// It starts again with the file of before the command.
    case oldBoot = "boot with the old colour"
}

private struct TimedMishap: CustomStringConvertible {
    let moment: Injection
    let mishap: Mishap

    var description: String { "\(mishap.rawValue) at \(moment.call)" }
}

extension FaultSuite {
    /// HAProxy is reloaded or started again in any phase of a command: the claim, the write, between
    /// write and read-back, the proof, the bake, the way back.
    @Suite(.serialized)
    struct MishapTests {
        private static let bake = PipelineText.bake(
            "300ms", interval: "50ms", minimum: 0, metric: "probe: errorRate")

        @Test(arguments: [FaultRouterKind.map, .register], FaultSituation.plain)
        func `whatever HAProxy lives through, production is told truthfully`(
            kind: FaultRouterKind, situation: FaultSituation
        ) async throws {
            try await FaultGround.open(situation, kind, bake: Self.bake) { ground in
                let shop = try #require(ground.scene as? Scene).shop
                let sample = FaultSample("mishap \(situation) \(kind)")
                for fault in sample.cases(of: try await moments(ground)) {
                    try ground.reset()
                    let (ending, isHit) = try await fault.moment.pause(
                        situation.command, in: ground.scene
                    ) { _ in try await happen(fault.mishap, shop.haproxy, ground) }
                    let wrong = try await ground.wrongAnswers(
                        after: ending, by: sample.repair(after: fault), allowing: .laterMove)
                    sample.note(fault, hit: isHit, wrong: wrong)
                }
                sample.report()
            }
        }

        /// After every call that tells the program something of the outside, or tells the outside.
        private func moments(_ ground: FaultGround) async throws -> [TimedMishap] {
            let calls = try await ground.outsideCalls()
            return calls.flatMap { call in
                Mishap.allCases.map {
                    TimedMishap(moment: Injection(call, "signal=STOP"), mishap: $0)
                }
            }
        }

        private func happen(
            _ mishap: Mishap, _ haproxy: HAProxyRig, _ ground: FaultGround
        ) async throws {
            switch mishap {
            case .reload: try await haproxy.reload()
            case .restart: try await haproxy.restart()
            case .oldBoot: try await ground.bootWithOldColor(haproxy)
            }
        }
    }
}
