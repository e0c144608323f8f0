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
        /// It stands still at that moment; another process, which may be able to end it, does its whole
        /// work; then this one wakes up.
        case overtaken(Moment, by: [String], endsIt: Bool)
        /// Nobody hears the answer to a write; it takes effect so many questions later.
        case answerLost(write: Int, questions: Int)
    }

    package enum Moment: Hashable, Sendable {
        case diskOperation(Int)
        case question(Int)
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

    /// Where two processes meet: half of all commands are overtaken.
    package static func ofRivals(
        ofOtherUsers: Bool = false, _ random: inout SeededRandom
    ) -> Happening {
        let happening = Self.random(&random)
        guard case .command(let words, _) = happening, Bool.random(using: &random) else {
            return happening
        }
        let moment: Moment =
            Bool.random(using: &random)
            ? .diskOperation(Int.random(in: 1...90, using: &random))
            : .question(Int.random(in: 1...20, using: &random))
        let rival = random.pick(Int.random(in: 0..<3, using: &random) == 0 ? commands : overtaking)
        let endsIt = !ofOtherUsers || Bool.random(using: &random)
        return .command(words, .overtaken(moment, by: rival, endsIt: endsIt))
    }

    /// Where a third of all commands lose an answer, and `latest` questions may pass before what was
    /// written takes effect.
    package static func ofLostAnswers(
        latest: Int, _ random: inout SeededRandom
    ) -> Happening {
        let happening =
            latest > 0 && Bool.random(using: &random)
            ? ofRivals(ofOtherUsers: true, &random) : Self.random(&random)
        guard case .command(let words, .none) = happening, Bool.random(using: &random) else {
            return happening
        }
        let write = Int.random(in: 1...3, using: &random)
        let questions = Int.random(in: 0...latest, using: &random)
        return .command(words, .answerLost(write: write, questions: questions))
    }

    /// What does not wait for others.
    private static let overtaking: [[String]] = [
        ["rollback"], ["rollback", "--to", "blue"], ["rollback", "--to", "green"], ["abort"],
        ["status"],
    ]

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
