import Testing
import TrafficRig

extension FaultSuite {
    /// The same deaths and errors, with the other kinds of router.
    @Suite(.serialized)
    struct RouterClassTests {
        /// The kinds whose proxy is installed, with what is tried on them.
        private static let situations: [FaultSituation] = [.switching, .rollingBack]
        private static let kinds = FaultRouterKind.wanted.filter { $0 != .map }

        @Test(arguments: kinds, situations)
        func `a command killed before any system call leaves a truthful status and a way back`(
            kind: FaultRouterKind, situation: FaultSituation
        ) async throws {
            try await FaultGround.open(situation, kind) { ground in
                let calls = try await Injection.calls(of: situation.command, in: ground.scene)
                try await ground.inject(
                    calls.map { Injection($0, "signal=KILL") }, "kill \(situation) \(kind)")
            }
        }

        @Test(arguments: kinds, situations)
        func `an error of any call that touches a file is told truthfully`(
            kind: FaultRouterKind, situation: FaultSituation
        ) async throws {
            try await FaultGround.open(situation, kind) { ground in
                try await ground.inject(ground.fileErrors(), "errno \(situation) \(kind)")
            }
        }
    }
}
