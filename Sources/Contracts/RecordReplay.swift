import PipelineModel

extension Record {
    /// What `entries` say, in the order in which they were written.
    package init(replaying entries: some Sequence<JournalEntry>) {
        self.init()
        for entry in entries { apply(entry) }
    }

    /// Takes one more journal entry into account.
    package mutating func apply(_ entry: JournalEntry) {
        epoch = max(epoch, entry.epoch)
        switch entry.event {
        case .began(let beginning):
            leaveSteps()
            run = RunRecord(beginning: beginning, began: entry.time, phase: .starting)
            beforeClaim = nil
        case .adopted(let adoption):
            // A bake of what was live before says nothing about what is live now.
            if live?.color != adoption.live { (bake, baseline) = (nil, nil) }
            // Nobody here knows what with.
            if let claimed = adoption.claimed { (spoiled, releases[claimed]) = (claimed, nil) }
            keepWayHome(from: adoption.live)
            settle(on: adoption.live, at: entry.time, token: adoption.token)
            behind = adoption.leftOut
            if wayBack == adoption.live { wayBack = nil }
        case .adoptIntended(let intent): learn(from: intent)
        case .claimIntended(let intent):
            beforeClaim = BeforeClaim(self)
            consumeWayBack(intent.datum.live.other)
            (spoiled, retired) = (intent.datum.live.other, nil)
            if failedBake == spoiled { failedBake = nil }
            releases[intent.datum.live.other] = intent.release
            learn(from: intent)
            run?.phase = .deploying
        case .sealed(let release):
            spoiled = nil
            if let color = run?.beginning.plan.to { releases[color] = release }
            run?.phase = .checking
        case .checksPassed:
            guard let plan = run?.beginning.plan else { return }
            ready = releases[plan.to].map {
                ReadyRecord(color: plan.to, release: $0, at: entry.time)
            }
            run?.phase = .ready
            run?.children = []
        case .canaryIntended(let intent):
            doubt(intent)
            open(intent, .canary)
        case .switchIntended(let intent):
            doubt(intent)
            open(intent, .switching)
        // What traffic goes back from is checked again before it gets any.
        case .undoIntended(let intent):
            ready = nil
            open(intent, .undoing)
        case .rollbackIntended(let intent):
            ready = nil
            open(intent, .rollingBack)
        case .levelIntended(let intent): open(intent, .levelling)
        case .levelled:
            leaveBehind()
            openIntent = nil
        case .switched(let live, let previous):
            leaveBehind()
            baseline = openIntent?.baseline
            settle(on: live, at: entry.time, token: openIntent?.datum.token)
            wayBack = previous
            (ready, bake, retired) = (nil, owedBake(since: entry.time), nil)
            run?.phase = .switched
        case .undone:
            // The switch of a dead run was recorded already: to undo it is to go back from it.
            if let undo = openIntent, undo.isWayBack, live?.color == undo.datum.live.other {
                goBack(to: undo.datum.live, at: entry.time)
            }
            openIntent = nil
            ready = nil
        case .rolledBack(let live): goBack(to: live, at: entry.time)
        case .unsettled: run?.phase = .unsettled
        case .bakeBegan(let length):
            guard let run else { return }
            bake = BakeRecord(run: run.beginning.run, began: entry.time, length: length)
            self.run?.phase = .baking
        case .bakeJudged(let verdict):
            bake?.verdict = verdict
            switch verdict.judgement {
            case .failed: failedBake = live?.color
            case .passed: if failedBake == live?.color { failedBake = nil }
            // Nobody knows better than before.
            case .inconclusive: break
            }
            run?.phase = .judged
        case .retireIntended(let intent):
            beforeClaim = BeforeClaim(self)
            consumeWayBack(intent.datum.live.other)
            learn(from: intent)
            run?.phase = .retiring
        case .retired(let color): retired = color
        case .tested(let recipes): tested = recipes
        case .stepSpawned(_, let child):
            // No step begins beside one that lives.
            strays = nil
            run?.children.append(child)
        case .stepEnded(let mark, _):
            // Other checks may still run; they have all ended when the checks have passed.
            if mark.phase != .check { run?.children = [] }
        case .written, .contradicted, .unreadable, .claimed, .stepBegan: beforeClaim = nil
        case .ended(let outcome):
            forgetClaim(outcome)
            run?.outcome = outcome
            run?.ended = entry.time
            run?.phase = .ended
        case .preflightPassed, .confirmed, .canaryJudged, .proved, .notProved, .surveyed,
            .tunnelsClosed, .wayBackProbed, .stopRequested, .failed:
            break
        }
    }

    /// From its switch on a run owes its bake, whoever comes between.
    private func owedBake(since time: WallTime) -> BakeRecord? {
        guard let beginning = run?.beginning, beginning.plan.hasBake,
            beginning.plan.destination == .committed
        else { return nil }
        return BakeRecord(run: beginning.run, began: time, length: .zero)
    }

    private mutating func goBack(to color: Color, at time: WallTime) {
        leaveBehind()
        settle(on: color, at: time, token: openIntent?.datum.token)
        (wayBack, ready, bake, baseline) = (nil, nil, nil, nil)
    }

    /// A run that has ended has seen its steps ending.
    private mutating func leaveSteps() {
        guard let run, run.outcome == nil, !run.children.isEmpty else { return }
        strays = (strays ?? []) + run.children
    }

    private mutating func settle(on color: Color, at time: WallTime, token: Token?) {
        openIntent = nil
        if spoiled == color { spoiled = nil }
        guard let run else { return }
        live = LiveRecord(
            color: color, since: time, run: run.beginning.run, user: run.beginning.owner.user,
            token: token)
    }

    /// A move that nobody finished is accepted where it stands: what it came from is the way back, as
    /// if it had been finished.
    private mutating func keepWayHome(from color: Color) {
        guard openIntent != nil, let home = wayHome, home == color.other, home != spoiled,
            home != retired
        else { return }
        (wayBack, ready) = (home, nil)
    }

    /// What was written is level; what was left out is not; of others nothing new is known.
    private mutating func leaveBehind() {
        guard let intent = openIntent else { return }
        let known = Set(intent.recipes.map(\.router))
        let old = (behind ?? [:]).filter { !known.contains($0.key) }
        let all = old.merging(intent.leftOut ?? [:]) { _, new in new }
        behind = all.isEmpty ? nil : all
    }

    /// What an earlier try may have written and the next one leaves out shows nobody knows what, also
    /// once the next one is undone.
    private mutating func doubt(_ next: Intent) {
        guard let earlier = openIntent, let leftOut = next.leftOut else { return }
        let doubted = leftOut.filter { earlier.leftOut?[$0.key] == nil }
        guard !doubted.isEmpty else { return }
        behind = (behind ?? [:]).merging(doubted) { _, new in new }
    }

    /// No router took the claim and no step has begun: what was on idle is there still.
    private mutating func forgetClaim(_ outcome: Outcome) {
        if outcome.ending == .failedBeforeSwitch, outcome.hasClaimedIdle == nil {
            beforeClaim?.restore(&self)
        }
        beforeClaim = nil
    }

    private mutating func consumeWayBack(_ color: Color) {
        if wayBack == color { wayBack = nil }
        ready = nil
    }

    private mutating func open(_ intent: Intent, _ phase: RunPhase) {
        openIntent = intent
        learn(from: intent)
        run?.phase = phase
    }

    private mutating func learn(from intent: Intent) {
        recipes = intent.recipes
        entrance = intent.entrance ?? entrance
        var newest = intent
        newest.entrance = entrance
        // What was not asked this time is still where it was, as far as anybody knows.
        addresses =
            newest.knowing(
                (addresses ?? [:]).merging(intent.addresses ?? [:]) { _, new in new }
            ).addresses
    }
}
