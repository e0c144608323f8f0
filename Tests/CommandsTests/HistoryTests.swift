import Glibc
import ShopRig
import Testing

/// The real program, on a disk and before a router that are simulated: whatever happens in whatever
/// order, it tells the truth, sends traffic to nothing half deployed, and can be repaired. The program
/// `histories` plays thousands of them.
@Suite struct HistoryTests {
    @Test(arguments: UInt64(1)...4, History.Kind.allCases)
    func `no history makes it lie`(seed: UInt64, kind: History.Kind) {
        expectTruth(of: seed, kind)
    }

    @Test(arguments: History.known, [History.Kind.plain, .canary, .machine])
    func `no history makes it lie that once did`(seed: UInt64, kind: History.Kind) {
        expectTruth(of: seed, kind)
    }

    private func expectTruth(of seed: UInt64, _ kind: History.Kind) {
        let defect = History(seed: seed, kind).defect()
        #expect(defect == nil, "\(defect ?? "")")
    }
}
