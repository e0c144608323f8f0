import Contracts
import PipelineModel
import StateStores
import TestWorld

/// What the journals of a service must never say one after the other, whatever went wrong.
package struct JournalAudit {
    private typealias Heard = (bytes: [UInt8], before: Story, after: Story)

    /// What is known after some of the entries.
    private struct Story: Equatable {
        /// Its checks passed then, and still count.
        var checked: Color?
        var checkedAt = Duration.zero
        /// A switch to it was begun, and neither ended nor taken back.
        var begun: Color?
        /// A move of traffic was announced, and neither done nor taken back.
        var isOpen = false
        /// The last run, until its end.
        var underWay: RunID?
        /// When the last entry was written.
        var last = Duration.zero
        var isGoingBack = false
        var intents = 0
        var wrong: String?
    }

    /// Most journals do not change any more, and to understand one takes long.
    private var heard: [String: Heard] = [:]
    private var changes = -1
    private var story = Story()
    private let judgesAge: Bool

    /// Where the clock is set, `bluegreen` itself does not know how old something is.
    package init(judgesAge: Bool) { self.judgesAge = judgesAge }

    /// What is wrong with the journals that are there now.
    package mutating func wrong(in shop: Shop) -> String? {
        guard changes != shop.files.changes else { return nil }
        changes = shop.files.changes
        story = Story()
        let runs = ".bluegreen/shop/runs/"
        for path in shop.files.paths
        where path.hasPrefix(runs) && path.hasSuffix(".jsonl") {
            let bytes = shop.files[path] ?? []
            if let known = heard[path], known.bytes == bytes, known.before == story {
                story = known.after
                continue
            }
            let before = story
            // 0000000041-7k3q9x.jsonl
            let run = RunID("r-" + path.dropFirst(runs.count + 4).dropLast(6))
            hear(run, in: shop)
            heard[path] = (bytes, before, story)
            if let wrong = story.wrong { return "\(run): \(wrong)" }
        }
        return nil
    }

    private mutating func hear(_ run: RunID, in shop: Shop) {
        // A record that cannot be read is for `status` to tell.
        let entries = ((try? shop.store.entries(of: run)) ?? nil) ?? []
        (story.isGoingBack, story.intents) = (false, 0)
        var plan: RunPlan?
        for entry in entries {
            if case .began(let beginning) = entry.event {
                plan = beginning.plan
                begin(beginning, at: entry.uptime)
            }
            guard let plan else { continue }
            story.last = max(story.last, entry.uptime)
            hear(entry.event, plan, at: entry.uptime)
            if story.wrong != nil { return }
        }
    }

    private mutating func begin(_ beginning: RunBeginning, at time: Duration) {
        if let open = story.underWay, beginning.supersedes != open {
            story.wrong = "it began in place of \(open), and does not say so"
        }
        if time < story.last { story.wrong = "the run before it went on after it had begun" }
        story.underWay = beginning.run
    }

    private mutating func hear(_ event: RunEvent, _ plan: RunPlan, at time: Duration) {
        if case .claimIntended(let intent) = event {
            if story.isOpen { story.wrong = "it claimed idle while a move of traffic was open" }
            if story.checked == intent.datum.live.other { story.checked = nil }
        }
        if case .checksPassed = event { (story.checked, story.checkedAt) = (plan.to, time) }
        if case .bakeJudged(let verdict) = event, verdict.judgement == .failed {
            story.isGoingBack = true
        }
        if case .switchIntended(let intent) = event { forward(to: intent.datum.live, at: time) }
        if case .canaryIntended(let intent) = event {
            forward(to: intent.datum.live.other, at: time)
        }
        if case .canaryJudged(let verdict) = event, verdict.judgement != .passed {
            story.isGoingBack = true
        }
        if event.goesBack { (story.isGoingBack, story.checked) = (true, nil) }
        if event.movesTraffic {
            story.intents += 1
            story.isOpen = true
        }
        if event.settles { (story.checked, story.begun, story.isOpen) = (nil, nil, false) }
        if case .adopted = event { (story.begun, story.isOpen) = (nil, false) }
        if case .ended = event { story.underWay = nil }
        if story.intents > 20 { story.wrong = "it moved traffic \(story.intents) times by itself" }
    }

    private mutating func forward(to color: Color, at time: Duration) {
        if story.begun != color {
            if story.checked != color { story.wrong = "it switched to \(color) without checks" }
            let age = time - story.checkedAt
            if judgesAge, age > Self.readyFor { story.wrong = "its checks were \(age) old" }
        }
        if story.isGoingBack {
            story.wrong = "it went forward to \(color) after it had begun to go back"
        }
        story.begun = color
    }

    /// The standard of `switch.readyFor`, and how long a switch may take after the look at it.
    private static let readyFor = Duration.seconds(30 * 60 + 60)
}

extension RunEvent {
    fileprivate var goesBack: Bool {
        switch self {
        case .undoIntended, .rollbackIntended: true
        case _: false
        }
    }

    fileprivate var settles: Bool {
        switch self {
        case .switched, .undone, .rolledBack: true
        case _: false
        }
    }

    fileprivate var movesTraffic: Bool {
        switch self {
        case .canaryIntended, .switchIntended: true
        case _: goesBack
        }
    }
}
