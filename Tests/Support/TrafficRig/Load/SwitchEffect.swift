/// What the users saw of one switch.
package struct SwitchEffect: Codable, Hashable, Sendable {
    package let to: String
    /// From the command to the end of the first answer of the new colour.
    package let firstNew: Int64?
    /// From the command to the end of the last answer of another colour.
    package let lastOld: Int64?
    /// Requests that were sent after the acknowledgement and answered by another colour.
    package let stale: Int
    /// Requests that were sent after somebody already had a complete answer of the new colour,
    /// and that another colour answered: the switch was not one step.
    package let causal: Int

    /// `records` ended between this switch and the next: an answer that ends after the next
    /// switch was issued may be of either colour and proves nothing here.
    init(of change: Switch, on records: some Sequence<LoadRecord>) {
        let answers = records.filter { $0.color != nil }
        let old = answers.filter { $0.color != change.to }
        // Leftovers of the switch before the last are also of the new colour: only requests that
        // were sent after the command show its effect.
        let proof = answers.filter { $0.color == change.to && $0.sent >= change.issued }
            .map(\.end).min()
        to = change.to
        firstNew = proof.map { $0 - change.issued }
        lastOld = old.map(\.end).max().map { $0 - change.issued }
        stale = old.count { $0.sent > change.acknowledged }
        causal = old.count { record in proof.map { record.sent > $0 } ?? false }
    }

    /// One effect per switch, in the order of the switches.
    static func effects(of switches: [Switch], on records: [LoadRecord]) -> [SwitchEffect] {
        let switches = switches.sorted { $0.issued < $1.issued }
        var windows = [[LoadRecord]](repeating: [], count: switches.count)
        for record in records {
            let window = switches.partitioningIndex { $0.issued > record.end } - 1
            if window >= 0 { windows[window].append(record) }
        }
        return zip(switches, windows).map { SwitchEffect(of: $0, on: $1) }
    }
}

extension Array {
    /// The first index whose element satisfies `isInSecondPart`, which holds from there on.
    fileprivate func partitioningIndex(_ isInSecondPart: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isInSecondPart(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
