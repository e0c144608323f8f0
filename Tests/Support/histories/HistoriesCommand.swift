import ArgumentParser
import Dispatch
import ShopRig
import Synchronization

/// Plays random histories against the real program on a simulated disk and before a simulated router,
/// and says which of them made it lie.
@main
struct HistoriesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "histories", abstract: "Plays random histories against the program.",
        discussion: """
            Exits 1 if one made the program lie, sent traffic \
            to something half deployed, or left what its own advice cannot repair; it then prints \
            the shortest such history.
            """)

    @Argument(help: "How many.")
    var count = 10_000

    @Option(help: "Only the history of this seed.")
    var only: UInt64?

    @Option(help: "With --only: \(History.Kind.allCases.map(\.rawValue).joined(separator: ", ")).")
    var kind = History.Kind.plain

    func run() throws {
        let played = only.map { [Played(seed: $0, kind: kind)] } ?? Played.first(count)
        let began = ContinuousClock.now
        let events = Atomic(0)
        let wrong = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: played.count) { index in
            let history = History(seed: played[index].seed, played[index].kind)
            events.add(history.happenings.count, ordering: .relaxed)
            // To look for the shortest one takes long: of the first defect.
            let isFirst = wrong.load(ordering: .relaxed) == 0
            guard let defect = history.defect(searchesShortest: isFirst) else { return }
            wrong.add(1, ordering: .relaxed)
            print("\(defect)\nagain: \(played[index].command)")
        }
        let seconds = (ContinuousClock.now - began).components.seconds
        print(
            """
            \(played.count) histories, \(events.load(ordering: .relaxed)) events, \(seconds) s, \
            \(wrong.load(ordering: .relaxed)) wrong
            """)
        if wrong.load(ordering: .relaxed) > 0 { throw ExitCode.failure }
    }
}

/// One history that is played.
private struct Played {
    let seed: UInt64
    let kind: History.Kind

    /// As many of each kind.
    static func first(_ count: Int) -> [Played] {
        let kinds = History.Kind.allCases
        return (0..<max(0, count)).map { index in
            Played(seed: UInt64(index / kinds.count + 1), kind: kinds[index % kinds.count])
        }
    }

    var command: String { "histories --only \(seed) --kind \(kind.rawValue)" }
}

extension History.Kind: ExpressibleByArgument {}
