package import Contracts
package import PipelineModel
import TestWorld

/// One thing that happens to a service.
package enum Happening: Hashable, Sendable {
    case command([String], Mishap)
    case hours(Int)
    /// The machine of `bluegreen` loses power; what was not flushed is gone.
    case powerCut
    /// HAProxy reads its files again.
    case reload
    case byHand(Color)
    case recordLost
    case sick(Color)
    case well(Color)
    /// Somebody sets the clock of the machine.
    case clockSet(hours: Int)
    /// The folder of the record is copied.
    case backup
    /// The folder of the record is what it was at the last copy.
    case restored

    /// What goes wrong while a command runs.
    package enum Mishap: Hashable, Sendable {
        case none
        case dies(diskOperation: Int, written: Int)
        case diskFails(operation: Int, FileFailure.Reason)
        case diesAtRouter(question: Int, isObeyed: Bool)
        case interrupted(milliseconds: Int)
        case routerDown
        case deployFails
    }

    private static let commands: [[String]] = [
        ["deploy", "3.0"], ["deploy", "3.1"], ["deploy", "3.1"],
        ["deploy", "3.2", "--until", "ready"],
        ["switch"], ["switch", "--no-bake"], ["switch", "blue"], ["rollback"], ["rollback"],
        ["rollback", "--to", "blue"], ["rollback", "--to", "green"], ["resume"], ["resume"],
        ["abort"],
        ["adopt"], ["retire", "-y"], ["check"],
    ]

    /// What befalls a machine with its record, now and then, and everything else.
    package static func ofMachine(_ random: inout SeededRandom) -> Happening {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: .clockSet(hours: random.pick([-30, -1, 1, 30]))
        case 1: .backup
        case 2: .restored
        default: .random(&random)
        }
    }

    package static func random(_ random: inout SeededRandom) -> Happening {
        switch Int.random(in: 0..<20, using: &random) {
        case 0: .hours(random.pick([1, 30]))
        case 1: .powerCut
        case 2: .reload
        case 3: .byHand(random.pick(Color.allCases))
        case 4: .sick(random.pick(Color.allCases))
        case 5, 6: .well(random.pick(Color.allCases))
        case 7 where Int.random(in: 0..<4, using: &random) == 0: .recordLost
        default: .command(random.pick(commands), .random(&random))
        }
    }
}

extension Happening.Mishap {
    fileprivate static func random(_ random: inout SeededRandom) -> Self {
        switch Int.random(in: 0..<12, using: &random) {
        case 0, 1:
            .dies(
                diskOperation: Int.random(in: 1...90, using: &random),
                written: random.pick([0, 0, 1, 40, 300]))
        case 2:
            .diskFails(
                operation: Int.random(in: 1...90, using: &random),
                random.pick([.noSpace, .denied, .other]))
        case 3, 4:
            .diesAtRouter(
                question: Int.random(in: 1...30, using: &random),
                isObeyed: Bool.random(using: &random))
        case 5: .interrupted(milliseconds: Int.random(in: 1...20_000, using: &random))
        case 6: .routerDown
        case 7: .deployFails
        default: .none
        }
    }
}
