import Contracts
import PipelineModel
import Testing

/// One router and something behind it that can say what traffic really does.
protocol RouterRig {
    var router: any Router { get }
    /// A router of the same proxy whose green target does not exist.
    var routerWithoutGreen: any Router { get }

    /// Whether every request that is sent after a write is served by its colour; `nil`: nobody says.
    var isAtomic: Bool? { get }

    /// The colour that serves a request sent now.
    func liveInTraffic() throws -> Color?
    /// The proxy starts again from what is durable.
    func restart() async throws
}

/// The same, where writes go over a socket, on which more can go wrong than in a file.
protocol WiredRouterRig: RouterRig {
    /// Between the router and the proxy.
    var faults: FaultyStreams { get }
    /// A few answers that no sound proxy gives.
    var garbage: [[UInt8]] { get }
}

/// A way to build a rig; one line per router and way.
struct RouterRigKind: Sendable, CustomTestStringConvertible {
    let name: String
    let make: @Sendable () async throws -> any RouterRig

    var testDescription: String { name }

    static let all = wired + FileRig.kinds + FileRig.reloaded + ToldRig.kinds
    /// Those that are a `WiredRouterRig`.
    static let wired = CaddyAPIRig.kinds + EmbeddedRig.kinds + HAProxyRig.kinds

    func makeWired() async throws -> any WiredRouterRig {
        try #require(try await make() as? any WiredRouterRig)
    }
}

/// What every router promises, whatever proxy it speaks to.
///
/// A new router joins by adding its rigs to `RouterRigKind.all`: one over its fake, which proves the
/// fake, and one over the real proxy.
@Suite struct RouterContract {
    static let first = Datum(live: .green, token: Token(epoch: 1, round: 1))

    @Test(arguments: RouterRigKind.all)
    func `asking changes nothing`(_ kind: RouterRigKind) async throws {
        let rig = try await kind.make()
        let before = try await rig.router.observe()
        let after = try await rig.router.observe()
        #expect(before == after)
        #expect(before.color == .blue)
        #expect(try await rig.serves(.blue))
    }

    @Test(arguments: RouterRigKind.all)
    func `what was written is in effect, durable and can be read`(
        _ kind: RouterRigKind
    ) async throws {
        let rig = try await kind.make()
        for live in [Color.green, .blue] {
            for isClaimed in [false, true] {
                let before = try await rig.router.observe()
                let token = Token(number: (before.token?.number ?? 0) + 1)
                let datum = Datum(live: live, isIdleClaimed: isClaimed, token: token)
                #expect(await rig.router.write(datum, expecting: before) == .applied)
                let seen = try await rig.router.observe()
                #expect(seen.color == live)
                #expect(seen.isIdleClaimed == isClaimed)
                #expect(seen.token == token)
                #expect(seen.durable == .same)
                #expect(try await rig.serves(live))
            }
        }
    }

    @Test(arguments: RouterRigKind.all)
    func `a share can be read, is durable, and ends with the next write`(
        _ kind: RouterRigKind
    ) async throws {
        let rig = try await kind.make()
        guard rig.router.abilities.sharesTraffic else { return }
        let share = Datum(live: .blue, idlePercent: 5, token: Token(epoch: 1, round: 1))
        #expect(
            await rig.router.write(share, expecting: try await rig.router.observe()) == .applied)
        for _ in 1...2 {
            let seen = try await rig.router.observe()
            #expect(seen.effective == .shared(.blue, idlePercent: 5))
            #expect(seen.color == nil)
            #expect(seen.token == share.token && seen.durable == .same)
            try await rig.restart()
        }
        let all = Datum(live: .green, token: Token(epoch: 1, round: 2))
        #expect(await rig.router.write(all, expecting: try await rig.router.observe()) == .applied)
        #expect(try await rig.router.observe().color == .green)
        #expect(try await rig.serves(.green))
    }

    @Test(arguments: RouterRigKind.all)
    func `what it declares of itself is what it shows`(_ kind: RouterRigKind) async throws {
        let rig = try await kind.make()
        let abilities = rig.router.abilities
        #expect(abilities.isDurable == true)
        #expect(abilities.showsDrain == !(try await rig.router.observe().pools.isEmpty))
        #expect(abilities.isDeclared == (rig is ToldRig))
        // What moves traffic in one step, and keeps connections, is shown under load.
        #expect(abilities.isAtomic == rig.isAtomic)
        #expect(abilities.keepsConnections == abilities.isAtomic)
    }

    @Test(arguments: RouterRigKind.all)
    func `what was written survives a restart`(_ kind: RouterRigKind) async throws {
        let rig = try await kind.make()
        try await rig.switchToGreen()
        let before = try await rig.router.observe()
        try await rig.restart()
        let after = try await rig.router.observe()
        #expect(try await rig.serves(.green))
        #expect(after.token == before.token)
        #expect(after.durable == .same)
    }

    @Test(arguments: RouterRigKind.all)
    func `the same datum twice is harmless`(_ kind: RouterRigKind) async throws {
        let rig = try await kind.make()
        let before = try await rig.router.observe()
        #expect(await rig.router.write(Self.first, expecting: before) == .applied)
        #expect(await rig.router.write(Self.first, expecting: before) == .applied)
        #expect(try await rig.serves(.green))
    }

    @Test(arguments: RouterRigKind.all)
    func `a stale write is refused and names the newer token`(_ kind: RouterRigKind) async throws {
        let rig = try await kind.make()
        let before = try await rig.router.observe()
        let newer = Datum(live: .green, token: Token(epoch: 2, round: 1))
        #expect(await rig.router.write(newer, expecting: before) == .applied)
        let stale = Datum(live: .blue, token: Token(epoch: 1, round: 3))
        #expect(await rig.router.write(stale, expecting: before) == .refusedStale(newer.token))
        #expect(try await rig.serves(.green))
    }

    @Test(arguments: RouterRigKind.all, Color.allCases)
    func `a token that another run wrote first is stale, whatever it was written with`(
        _ kind: RouterRigKind, live: Color
    ) async throws {
        let rig = try await kind.make()
        let before = try await rig.router.observe()
        if live == .blue {
            #expect(await rig.router.write(Self.first, expecting: before) == .applied)
        }
        let theirs = Datum(live: live, token: Token(epoch: 2, round: 1))
        let written = await rig.router.write(theirs, expecting: before)
        #expect(written == .applied, "\(written)")
        let ours = [
            Datum(live: live.other, token: theirs.token),
            Datum(live: live.other, isIdleClaimed: true, token: theirs.token),
            Datum(live: live, isIdleClaimed: true, token: theirs.token),
        ]
        for datum in ours {
            #expect(
                await rig.router.write(datum, expecting: before) == .refusedStale(theirs.token))
        }
        #expect(try await rig.serves(live))
    }

    @Test(arguments: FileRig.kinds)
    func `many writers in any order end on the highest token`(_ kind: RouterRigKind) async throws {
        let rig = try await kind.make()
        let router = rig.router
        let before = try await router.observe()
        await withTaskGroup(of: Void.self) { group in
            for number in (1...50).shuffled() {
                group.addTask {
                    let live: Color = number % 2 == 0 ? .green : .blue
                    let datum = Datum(live: live, token: Token(number: number))
                    // One that finds the lock taken for long has not written.
                    while case .notApplied = await router.write(datum, expecting: before) {
                        await Task.yield()
                    }
                }
            }
        }
        #expect(try await router.observe().token == Token(number: 50))
        #expect(try await rig.serves(.green))
    }

    @Test(arguments: RouterRigKind.wired)
    func `a late stale write cannot win where the router compares tokens`(
        _ kind: RouterRigKind
    ) async throws {
        let rig = try await kind.makeWired()
        let before = try await rig.router.observe()
        rig.faults.become(.late, onlyWrites: true)
        #expect((await rig.router.write(Self.first, expecting: before)).isUnknown)
        rig.faults.become(.fine)
        let undo = Datum(live: .blue, token: Token(epoch: 1, round: 2))
        #expect(await rig.router.write(undo, expecting: before) == .applied)
        try await rig.faults.deliverLate()
        let seen = try await rig.router.observe()
        switch rig.router.fencing {
        case .token:
            #expect(seen.token == undo.token)
            #expect(try await rig.serves(.blue))
        case .synchronous, .asynchronous:
            #expect(seen.token == Self.first.token, "a late write must be visible by its token")
        }
    }

    @Test(arguments: RouterRigKind.all)
    func `a target that does not exist is refused before the write`(
        _ kind: RouterRigKind
    ) async throws {
        let rig = try await kind.make()
        let before = try await rig.routerWithoutGreen.observe()
        let result = await rig.routerWithoutGreen.write(Self.first, expecting: before)
        #expect(result.failure?.code == .routerTargetMissing)
        #expect(!result.isUnknown)
        #expect(try await rig.serves(.blue))
    }

    @Test(arguments: RouterRigKind.wired)
    func `a proxy that nobody reaches is a failure and nothing has moved`(
        _ kind: RouterRigKind
    ) async throws {
        let rig = try await kind.makeWired()
        let before = try await rig.router.observe()
        rig.faults.become(.refuse)
        let failure = await #expect(throws: Failure.self) { try await rig.router.observe() }
        #expect(failure?.code == .routerUnreachable)
        guard case .notApplied(let reason) = await rig.router.write(Self.first, expecting: before)
        else {
            Issue.record("nothing was sent, so nothing can have been applied")
            return
        }
        #expect(reason.code == .routerUnreachable)
        #expect(try await rig.serves(.blue))
    }

    @Test(arguments: RouterRigKind.wired)
    func `a proxy that hangs is a failure, never a guess`(_ kind: RouterRigKind) async throws {
        let rig = try await kind.makeWired()
        rig.faults.become(.hang)
        let failure = await #expect(throws: Failure.self) { try await rig.router.observe() }
        #expect(failure?.code == .routerUnreachable)
        #expect(rig.faults.requests.allSatisfy { $0.timeout <= .milliseconds(500) })
    }

    @Test(arguments: RouterRigKind.wired)
    func `a write whose answer is lost is unknown until it is read`(
        _ kind: RouterRigKind
    ) async throws {
        let rig = try await kind.makeWired()
        let before = try await rig.router.observe()
        for mode in [FaultyStreams.Mode.dropAfterApply, .hang] {
            rig.faults.become(mode, onlyWrites: true)
            #expect((await rig.router.write(Self.first, expecting: before)).isUnknown)
        }
        rig.faults.become(.fine)
        #expect(try await rig.router.observe().token == Self.first.token)
    }

    @Test(arguments: RouterRigKind.wired)
    func `garbage is never a colour`(_ kind: RouterRigKind) async throws {
        let rig = try await kind.makeWired()
        let before = try await rig.router.observe()
        for garbage in rig.garbage {
            rig.faults.become(.answer(garbage))
            await #expect(throws: Failure.self) { try await rig.router.observe() }
            rig.faults.become(.answer(garbage), onlyWrites: true)
            let result = await rig.router.write(Self.first, expecting: before)
            #expect(result != .applied)
        }
        #expect(try await rig.serves(.blue))
    }

    @Test(arguments: RouterRigKind.wired)
    func `an answer cut at any byte is never read as something else`(
        _ kind: RouterRigKind
    ) async throws {
        let rig = try await kind.makeWired()
        try await rig.switchToGreen()
        let whole = try await rig.router.observe()
        for length in Array(0...300) + Array(stride(from: 301, to: 6_000, by: 37)) {
            rig.faults.become(.cut(length))
            do {
                // A cut beyond the end is no cut.
                var seen = try await rig.router.observe()
                seen.oldWorkers = whole.oldWorkers
                #expect(seen == whole)
            } catch {
                #expect([.routerGarbled, .routerTargetMissing].contains(error.code))
            }
        }
    }
}

extension RouterRig {
    var isAtomic: Bool? { true }

    /// Whether traffic goes to `color`; who may take up a write late, or opens its doors anew, has a
    /// moment for that.
    func serves(_ color: Color) async throws -> Bool {
        let isAtOnce = router.fencing != .asynchronous && isAtomic != false
        for _ in 0..<(isAtOnce ? 1 : 200) {
            if try liveInTraffic() == color { return true }
            try await Task.sleep(for: .milliseconds(5))
        }
        return false
    }

    /// The ordinary first switch.
    func switchToGreen() async throws {
        let before = try await router.observe()
        try #require(await router.write(RouterContract.first, expecting: before) == .applied)
    }
}

extension WriteResult {
    var isUnknown: Bool {
        if case .unknown = self { true } else { false }
    }

    var failure: Failure? {
        switch self {
        case .applied, .refusedStale: nil
        case .appliedNotDurable(let failure), .notApplied(let failure), .unknown(let failure):
            failure
        }
    }
}
