import Glibc
import ShopRig
import Testing

/// The real program, on a disk and before a router that are simulated: whatever happens in whatever
/// order, it tells the truth, sends traffic to nothing half deployed, and can be repaired. The program
/// `histories` plays thousands of them.
@Suite struct HistoryTests {
    @Test(arguments: History.known + Array(1...6), History.Kind.allCases)
    func `no history makes it lie`(seed: UInt64, kind: History.Kind) {
        let defect = History(seed: seed, kind).defect()
        #expect(defect == nil, "\(defect ?? "")")
    }
}
