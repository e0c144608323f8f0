import Contracts
import PipelineModel

/// A place on this machine whose colour changes by one rename.
protocol Slot: Sendable {
    /// At the beginning of a sentence: `The slot folder /var/lib/bluegreen/shop`.
    var name: String { get }
    var path: String { get }
    /// The file of the kernel lock that keeps writers apart.
    var lockPath: String { get }
    var world: World { get }
    /// The command that makes it what it is before the first switch, with blue live.
    var making: String { get }
    /// Whether it can say a share of the requests.
    var sharesTraffic: Bool { get }

    /// Fails where it cannot be read.
    func look() throws(FileFailure) -> SlotSight

    /// What `datum` needs and is not there; `nil` where nothing is missing.
    func missing(for datum: Datum) throws(FileFailure) -> Failure?

    /// Makes `datum` true in one step, durably. After a failure, only a look tells what is true.
    /// Returns why the proxy may not notice it all the same, and what to do then.
    func put(_ datum: Datum, over sight: SlotSight) throws(FileFailure) -> Failure?
}

extension Slot {
    var sharesTraffic: Bool { false }

    /// Whether it is in memory only. Where the system does not tell, it is taken for a disk.
    var isVolatile: Bool {
        // A system without /proc has no such table, and then there is nothing to warn about.
        guard let bytes = try? world.files.read(MountTable.path, 1 << 20) else { return false }
        return MountTable(String(decoding: bytes, as: UTF8.self)).isVolatile(path)
    }
}

/// What one look at a slot shows.
struct SlotSight: Hashable, Sendable {
    let names: Set<Color>
    let kept: KeptDatum

    /// What is kept, where it is a whole datum of this colour.
    func datum(live: Color) -> Datum? {
        kept.datum.flatMap { $0.live == live ? $0 : nil }
    }

    func shows(_ datum: Datum) -> Bool { self.datum(live: datum.live) == datum }
}
