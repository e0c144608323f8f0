/// The number that a router keeps beside the colour: proof of who wrote last.
///
/// `epoch` numbers the run, `round` the writes inside it, so an undo always outranks what it undoes.
package struct Token: Hashable, Sendable {
    package static let roundsPerEpoch = 64
    /// Nobody gets beyond it: file names of runs would no longer sort as numbers do.
    package static let largestEpoch = 9_999_999_999

    package let number: Int

    package init(number: Int) { self.number = number }

    package init(epoch: Int, round: Int) {
        precondition((1..<Self.roundsPerEpoch).contains(round), "A run has rounds 1 to 63.")
        number = epoch * Self.roundsPerEpoch + round
    }

    package var epoch: Int { number / Self.roundsPerEpoch }
    package var round: Int { number % Self.roundsPerEpoch }
}

extension Token: Comparable {
    package static func < (left: Token, right: Token) -> Bool { left.number < right.number }
}

extension Token: Codable {
    package init(from decoder: any Decoder) throws {
        number = try decoder.singleValueContainer().decode(Int.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(number)
    }
}

extension Token: CustomStringConvertible {
    /// `41.2`: epoch and round.
    package var description: String { "\(epoch).\(round)" }

    /// What `description` writes, for numbers that a run can have; `nil` for everything else.
    package init?(_ text: some StringProtocol) {
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false).map { part in
            part.utf8.allSatisfy { (48...57).contains($0) } ? Int(part) : nil
        }
        guard numbers.count == 2, let epoch = numbers[0], let round = numbers[1],
            epoch <= Self.largestEpoch, round < Self.roundsPerEpoch
        else { return nil }
        number = epoch * Self.roundsPerEpoch + round
    }
}
