import PipelineModel
import Synchronization
import TestWorld

/// A command that stands still, and another process that has its turn meanwhile.
final class Rivals: Sendable {
    /// What the one that stood still must find when it wakes up.
    private struct Meeting {
        var wrong: String?
        /// Its journal, where a newer run has begun before that one had ended.
        var replaced: [String: [UInt8]]
        var routers: [String]
        var hasMovedOn: Bool
    }

    private let shop: Shop
    private let words: [String]
    private let older: Set<String>
    private let meeting = Mutex<Meeting?>(nil)

    init(in shop: Shop, _ words: [String]) {
        self.shop = shop
        self.words = words
        older = shop.journals
    }

    /// Whether the other one has changed anything.
    var hasMovedOn: Bool { meeting.withLock { $0?.hasMovedOn == true } }

    func meet(at moment: Happening.Moment) {
        switch moment {
        case .diskOperation(let operation):
            shop.files.prepare(.standstill { self.haveATurn() }, at: operation)
        case .question(let question):
            shop.production.change { $0.standstill = (question, { self.haveATurn() }) }
        }
    }

    private func haveATurn() {
        let (before, began, routers) = (shop.liveNow, shop.simulation.now, shop.routers)
        let own = shop.journals.subtracting(older)
        var wrong: String?
        var wasLenient = false
        shop.production.change { state in
            (wasLenient, state.isLenient) = (state.isLenient, words[0] == "rollback")
        }
        shop.typeAside(words) { screen in
            wrong =
                shop.exitLie(screen, words, before: before)
                ?? shop.recordLie(screen, words, before: before)
        }
        shop.production.change { $0.isLenient = wasLenient }
        let length = shop.simulation.now - began
        if words[0] == "rollback", length > Shop.longestRollback { wrong = "it took \(length)" }
        let hasBegun = !shop.journals.subtracting(older).subtracting(own).isEmpty
        var replaced: [String: [UInt8]] = [:]
        for path in hasBegun ? own : [] {
            guard let bytes = shop.files[path], !bytes.contains(text: "\"k\":\"ended\"") else {
                continue
            }
            replaced[path] = bytes
        }
        let found = Meeting(
            wrong: wrong.map { "\(words): \($0)" }, replaced: replaced, routers: shop.routers,
            hasMovedOn: hasBegun || shop.routers != routers)
        meeting.withLock { $0 = found }
    }

    /// I11: whoever was replaced says so, and changes nothing any more.
    func wrong(_ screen: Shop.Screen, isDead: Bool) -> String? {
        guard let found = meeting.withLock({ $0 }) else { return nil }
        if let wrong = found.wrong { return wrong }
        guard !found.replaced.isEmpty else { return nil }
        for (path, bytes) in found.replaced where shop.files[path] != bytes {
            return "\(path) grew after a newer run had begun"
        }
        if shop.routers != found.routers { return "it wrote after a newer run had begun" }
        guard isDead || screen.status == 12 else {
            return "exit \(screen.status) after a newer run had begun\n"
                + "\(screen.output)\(screen.error)"
        }
        return nil
    }
}
