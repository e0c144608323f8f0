import Contracts
import PipelineModel
import StateStores

/// What the journals of a service must never say one after the other, whatever went wrong.
struct JournalAudit {
    /// Its checks passed, and still count.
    private var checked: Color?
    /// A switch to it was begun, and neither ended nor taken back.
    private var begun: Color?
    private var isGoingBack = false
    private var intents = 0
    private(set) var wrong: String?

    init(_ store: FileStateStore) {
        // A record that cannot be read is for `status` to tell.
        guard let runs = try? store.runs(before: nil, limit: 1000) else { return }
        for run in runs.sorted(by: { $0.beginning.epoch < $1.beginning.epoch }) {
            (isGoingBack, intents) = (false, 0)
            let entries = (try? store.entries(of: run.beginning.run)) ?? nil
            for entry in entries ?? [] {
                hear(entry.event, run.beginning.plan)
                guard let wrong else { continue }
                self.wrong = "\(run.beginning.run): \(wrong)"
                return
            }
        }
    }

    private mutating func hear(_ event: RunEvent, _ plan: RunPlan) {
        if case .claimIntended(let intent) = event, checked == intent.datum.live.other {
            checked = nil
        }
        if case .checksPassed = event { checked = plan.to }
        if case .bakeJudged(let verdict) = event, verdict.judgement == .failed {
            isGoingBack = true
        }
        if case .switchIntended(let intent) = event { forward(to: intent.datum.live) }
        if case .canaryIntended(let intent) = event { forward(to: intent.datum.live.other) }
        if case .canaryJudged(let verdict) = event, verdict.judgement != .passed {
            isGoingBack = true
        }
        if event.goesBack { (isGoingBack, checked) = (true, nil) }
        if event.settles { (checked, begun) = (nil, nil) }
        if case .adopted = event { begun = nil }
        if event.movesTraffic { intents += 1 }
        if intents > 20 { wrong = "it moved traffic \(intents) times by itself" }
    }

    private mutating func forward(to color: Color) {
        if checked != color, begun != color { wrong = "it switched to \(color) without checks" }
        if isGoingBack { wrong = "it went forward to \(color) after it had begun to go back" }
        begun = color
    }
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
