import Contracts
import PipelineModel
import Testing

@testable import RunEngine

/// What the routers must show before run 41 writes. Blue is live.
struct PreflightTests {
    @Test(arguments: [
        (Observation(effective: .color(.blue)), nil as Failure.Code?),
        (Observation(effective: .color(.blue), token: Token(epoch: 41, round: 1)), nil),
        (Observation(effective: .color(.blue), durable: .unknown("no file access")), nil),
        (Observation(effective: .color(.green)), .drift),
        (Observation(effective: .foreign("red")), .drift),
        (Observation(effective: .absent), .drift),
        (Observation(effective: .color(.blue), durable: .differs(.color(.green))), nil),
        (Observation(effective: .color(.blue), durable: .differs(.absent)), nil),
        (Observation(effective: .color(.blue), token: Token(epoch: 42, round: 1)), .superseded),
    ])
    func `a router must show the live colour and nothing newer; a reload does not matter`(
        _ observation: Observation, _ expected: Failure.Code?
    ) {
        #expect(judge(observation) == expected)
    }

    @Test(arguments: [
        (2, 2, 100.0, nil as Failure.Code?),
        (1, 2, 100.0, .capacityMissing),
        (1, 2, 50.0, nil),
        (2, 3, 50.0, nil),
        (1, 3, 50.0, .capacityMissing),
        (0, 0, 100.0, .capacityMissing),
        (1, 0, 100.0, nil),
        (0, 2, 0.0, .capacityMissing),
        (1, 3, 1e300, .capacityMissing),
    ])
    func `the new colour must have its share of the live servers up, and never none`(
        _ up: Int, _ live: Int, _ share: Double, _ expected: Failure.Code?
    ) {
        let pools = [
            Color.blue: Pool(serversUp: live, serversInAll: 3),
            .green: Pool(serversUp: up, serversInAll: 3),
        ]
        #expect(judgeCapacity(pools, share) == expected)
    }

    @Test func `a router that cannot count servers is believed`() {
        #expect(judgeCapacity([:], 100) == nil)
    }

    @Test func `one router of a fleet that differs is named`() {
        let seen = [
            RouterID("lb-1"): Observation(effective: .color(.blue)),
            RouterID("lb-2"): Observation(effective: .color(.green)),
        ]
        let failure = #expect(throws: Failure.self) { try preflight().judge(seen, live: .blue) }
        #expect(failure?.message == "lb-2 shows green, not blue, as live.")
    }

    private func preflight(_ share: Double = 100) -> Preflight {
        Preflight(
            plan: .switching(), epoch: 41, settings: SwitchSettings(readyShare: Percent(share)))
    }

    private func judge(_ observation: Observation) -> Failure.Code? {
        do throws(Failure) {
            try preflight().judge([RouterID("haproxy"): observation], live: .blue)
            return nil
        } catch {
            return error.code
        }
    }

    private func judgeCapacity(_ pools: [Color: Pool], _ share: Double) -> Failure.Code? {
        let seen = Observation(effective: .color(.blue), pools: pools)
        do throws(Failure) {
            try preflight(share).judgeCapacity([RouterID("haproxy"): seen])
            return nil
        } catch {
            return error.code
        }
    }
}
