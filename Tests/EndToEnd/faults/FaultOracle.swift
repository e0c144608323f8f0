import FoundationEssentials
import Glibc
import TrafficRig

/// What is asked after every fault, whatever it was.
extension FaultGround {
    /// What a person types first when `status` is not 0.
    enum Repair: CaseIterable {
        case rollback
        case resume
    }

    /// What a fault excuses.
    struct Allowance: OptionSet {
        let rawValue: Int

        /// Traffic may have moved after the command looked for the last time; `status` has to say so.
        static let laterMove = Self(rawValue: 1)
        /// What the record lacks is only accepted by the command that `status` names.
        static let unrecorded = Self(rawValue: 2)
        /// The program may have ended without a word.
        static let crash = Self(rawValue: 4)
    }

    /// What every fault must leave: a `status` that tells the truth, a way on or back that works, and
    /// nothing that still runs. Returns what is wrong, empty if nothing is.
    ///
    /// `hint` is a word that `status` must say, about a damage that it has to notice.
    func wrongAnswers(
        after ending: FinishedProcess? = nil, by repair: Repair = .rollback, hint: String? = nil,
        allowing allowance: Allowance = []
    ) async throws -> [String] {
        var wrong = allowance.contains(.crash) ? [] : ending.map(Self.crashes) ?? []
        let before = try await answer("status", in: &wrong)
        if let hint, before?.problems.contains(where: { $0.what.contains(hint) }) != true {
            wrong.append("status does not say '\(hint)': \(before?.problems.map(\.what) ?? [])")
        }
        let real = try await live()
        wrong += try lies(of: before)
        if [129, 130, 143].contains(ending?.status), before?.exit != 0 {
            let problems = before?.problems.map(\.what) ?? []
            wrong.append("interrupted, and status is \(before?.exit ?? -1): \(problems)")
        }
        if before?.exit == 0, let intent = try openIntent() {
            wrong.append("status is 0, but \(intent) is open")
        }
        if let ending, let status = ending.status, !situation.places(after: status).contains(real),
            !allowance.contains(.laterMove) || before?.exit == 0
        {
            wrong.append("\(real) is live after \(ending), and status is \(before?.exit ?? -1)")
        }
        if repair == .resume { wrong += try await resume(before, isDamaged: hint != nil) }
        wrong += try await rollBack(ending?.status == 74 ? [.unrecorded] : allowance)
        return wrong + (try await Leftovers(folder: scene.folder).found())
    }

    /// What the routers show otherwise. A `status` of 0 also says that the record names what they show.
    private func lies(of status: StatusAnswer?) throws -> [String] {
        guard let status else { return [] }
        let names = try router.names()
        let (named, recorded) = (status.routers.map(\.now), status.routers.map(\.record))
        var wrong = named == names ? [] : ["status names \(named), live is \(names)"]
        if status.exit == 0, recorded != names {
            wrong.append("status is 0, live is \(names), the record names \(recorded)")
        }
        return wrong
    }

    /// A program that ended like this had no time to say anything.
    static func crashes(_ ending: FinishedProcess) -> [String] {
        guard case .killed(let number) = ending.ending,
            [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS, SIGXFSZ].contains(number)
        else { return [] }
        return ["it crashed: \(ending)"]
    }

    /// `resume` ends what was begun. Where there is nothing to end, or the record does not allow it, it
    /// says so and touches nothing.
    private func resume(_ before: StatusAnswer?, isDamaged: Bool) async throws -> [String] {
        var wrong: [String] = []
        let held = try router.held()
        let done = try await patiently { try await scene.run("resume") }
        let isAdvised = before?.problems.contains { $0.next == "bluegreen resume" } ?? true
        let isRefused = [32, 33].contains(done.status) && (isDamaged || !isAdvised)
        guard done.status == 0, !done.output.contains("Nothing to resume") else {
            if try router.held() != held { wrong.append("it moved traffic") }
            return (done.status == 0 || isRefused) && wrong.isEmpty ? [] : ["resume: \(done)"]
        }
        let after = try await answer("status", in: &wrong)
        if let exit = after?.exit, exit != 0, !isDamaged {
            wrong.append("status after resume: \(exit), \(after?.problems.map(\.what) ?? [])")
        }
        wrong += try lies(of: after)
        let (now, later) = try router.colors()
        if now != later { wrong.append("after a restart it would be \(later), not \(now)") }
        return wrong
    }

    private func rollBack(_ allowance: Allowance) async throws -> [String] {
        var wrong: [String] = []
        let home = situation.home
        let held = try router.held()
        let back = try await scene.rollBack(to: home)
        if back.status != 0 { wrong.append("rollback: \(back)") }
        if try await live() != home { wrong.append("rollback moved nothing: \(back)") }
        if try router.colors().later != home {
            wrong.append("after a restart it would not be \(home)")
        }
        var after = try await answer("status", in: &wrong)
        // Traffic is at home, so that nothing was left to do; only the record does not know it.
        if let exit = after?.exit, [22, 33].contains(exit),
            !allowance.isDisjoint(with: [.unrecorded, .laterMove]),
            let advice = after?.problems.lazy.compactMap(\.command).first
        {
            let done = try await scene.run(advice + ["--reason", "as status says"])
            if done.status != 0 { wrong.append("\(advice): \(done)") }
            after = try await answer("status", in: &wrong)
        }
        if after?.exit != 0 {
            wrong.append(
                "status after rollback: \(after?.exit ?? -1), \(after?.problems.map(\.what) ?? [])")
        }
        wrong += try lies(of: after)
        // What was left aside is written over by the next who writes.
        if try router.held() != held { wrong += Leftovers(folder: scene.folder).asides }
        return wrong
    }

    /// The last announced move of traffic in the newest run, where nothing says how it ended.
    private func openIntent() throws -> String? {
        let lines = try scene.journal()
        let newest = lines.filter { $0.e == lines.last?.e }.map(\.k)
        let moves: Set = [
            "canaryIntended", "switchIntended", "undoIntended", "rollbackIntended",
            "levelIntended", "adoptIntended",
        ]
        guard let index = newest.lastIndex(where: moves.contains) else { return nil }
        // The end of a run in which nobody could verify the move leaves it open.
        let isUnsettled = newest[index...].contains("unsettled")
        let results = ["switched", "undone", "rolledBack", "levelled"]
        let closing = Set(isUnsettled ? results : results + ["ended"])
        return newest[index...].contains(where: closing.contains) ? nil : newest[index]
    }

    /// A router that was too slow for the first question is asked again; see `patiently`.
    func answer(_ verb: String, in wrong: inout [String]) async throws -> StatusAnswer? {
        var done = try await scene.run([verb, "-o", "json"])
        for _ in 0..<3 where done.output.contains(#""now" : "unreachable""#) {
            done = try await scene.run([verb, "-o", "json"])
        }
        guard let status = done.status, [0, 20, 22, 33].contains(status) else {
            wrong.append("\(verb) ended oddly: \(done)")
            return nil
        }
        let answer = try JSONDecoder().decode(StatusAnswer.self, from: Data(done.output.utf8))
        if answer.exit != Int(status) { wrong.append("\(verb) says \(answer.exit), is \(status)") }
        return answer
    }
}

/// What the suite reads of `status -o json`.
struct StatusAnswer: Decodable {
    struct Router: Decodable {
        let now: String
        /// The colour that the record names; nil where it names none.
        let record: String?
    }
    struct Problem: Decodable {
        let what: String
        let next: String?

        /// The words of the command that helps, where it is one of ours: of `bluegreen adopt, or
        /// 'bluegreen rollback --to blue'` the first.
        var command: [String]? {
            guard let first = next?.split(separator: ",").first, first.hasPrefix("bluegreen ")
            else { return nil }
            return first.split(separator: " ").dropFirst().map(String.init)
        }
    }
    let exit: Int
    let problems: [Problem]
    let routers: [Router]
}

extension Production {
    func rollBack(to color: String, _ more: [String] = []) async throws -> FinishedProcess {
        try await patiently { try await run(["rollback", "--to", color] + more) }
    }
}

/// A busy machine is not a wrong answer: a command waits only moments for the router and the old
/// colour, and then says that they did not answer (21, 40).
func patiently(_ command: () async throws -> FinishedProcess) async throws -> FinishedProcess {
    var done = try await command()
    for _ in 0..<3 where [21, 40].contains(done.status) { done = try await command() }
    return done
}
