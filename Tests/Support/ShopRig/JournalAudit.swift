import Contracts
import PipelineModel
import StateStores
import TestWorld

/// What the journals of a service must never say one after the other, whatever went wrong.
package struct JournalAudit {
    private typealias Heard = (bytes: [UInt8], entries: [JournalEntry])

    /// Most journals do not change any more, and to understand one takes long.
    private var heard: [String: Heard] = [:]
    /// Its checks passed, and still count.
    private var checked: Color?
    /// A switch to it was begun, and neither ended nor taken back.
    private var begun: Color?
    private var isGoingBack = false
    private var intents = 0
    private var wrong: String?

    /// What is wrong with the journals that are there now.
    package mutating func wrong(in shop: Shop) -> String? {
        (checked, begun, wrong) = (nil, nil, nil)
        let runs = ".bluegreen/shop/runs/"
        for path in shop.files.paths
        where path.hasPrefix(runs) && path.hasSuffix(".jsonl") {
            // 0000000041-7k3q9x.jsonl
            let run = "r-" + path.dropFirst(runs.count + 4).dropLast(6)
            (isGoingBack, intents) = (false, 0)
            var plan: RunPlan?
            for entry in entries(of: RunID(run), at: path, shop) {
                if case .began(let beginning) = entry.event { plan = beginning.plan }
                guard let plan else { continue }
                hear(entry.event, plan)
                if let wrong { return "\(run): \(wrong)" }
            }
        }
        return nil
    }

    private mutating func entries(
        of run: RunID, at path: String, _ shop: Shop
    ) -> [JournalEntry] {
        let bytes = shop.files[path] ?? []
        if let known = heard[path], known.bytes == bytes { return known.entries }
        // A record that cannot be read is for `status` to tell.
        let entries = ((try? shop.store.entries(of: run)) ?? nil) ?? []
        heard[path] = (bytes, entries)
        return entries
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
