import ArgumentParser
import Console
import Contracts
import RunEngine

/// `bluegreen doctor`: is everything there that a switch and a rollback need?
struct Doctor: PlacedSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check everything that a switch and a rollback need, and say what mends it.",
        usage: "bluegreen doctor [<options>]",
        discussion: """
            EXAMPLES
              bluegreen doctor
              bluegreen doctor --probe                 writes the live colour once more
              bluegreen doctor --rollback-from-here    could this machine roll back now?

            Exit 0 without a problem, 10 with one; --rollback-from-here exits 21 where a rollback \
            is not possible. Only --probe writes: it is recorded as a run, does not move traffic, \
            and asks before, on a terminal. nginx is asked by 'nginx -T', which makes the logs that its \
            configuration names where they are missing.
            """)

    @Flag(help: "Test read-back, fencing and persistence on your own router.")
    var probe = false

    @Flag(help: "Only what a rollback would need now, and what it would take.")
    var rollbackFromHere = false

    @Flag(name: .shortAndLong, help: "Do not ask before --probe.")
    var yes = false

    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in session: Session) async throws -> ExitStatus {
        guard !probe || !rollbackFromHere else {
            throw UsageRefusal(message: "--probe writes and --rollback-from-here must not: choose.")
        }
        guard !rollbackFromHere else {
            return show(try await RollbackRehearsal(place, in: session).report, session)
        }
        let findings: DoctorFindings
        do {
            findings = try await DoctorLook(place, in: session).findings()
        } catch let failure as Failure {
            return show(Self.hopeless(failure), session)
        }
        let rows = DoctorRules(findings: findings).rows
        guard probe else {
            return show(DoctorReport(rows, troubled: .failedBeforeSwitch), session)
        }
        let live = findings.situation.liveColor.map { "\($0)" } ?? "the live colour"
        let question: Text = "Write \(live) into the router once more? Traffic does not move."
        guard try await session.isAgreed(question, yes: yes) else {
            return AnswerView(session).say(.declined, "Nothing was written: you said no.")
        }
        let probed = try await DoctorProbe(Workplace.open(place, in: session)).rows()
        return show(DoctorReport(rows + probed, troubled: .failedBeforeSwitch), session)
    }

    /// Without a record or a pipeline to look at there is only this to say.
    private static func hopeless(_ failure: Failure) -> DoctorReport {
        let check = failure.code == .pipelineMissing ? "pipeline" : "state folder"
        return DoctorReport([.problem(check, failure)], troubled: .failedBeforeSwitch)
    }

    /// A rollback that could not even begin is for a person to know.
    func status(for failure: Failure) -> ExitStatus {
        rollbackFromHere ? .rollbackImpossible : ExitStatus(untouched: failure.code)
    }

    private func show(_ report: DoctorReport, _ session: Session) -> ExitStatus {
        var report = report
        for index in report.checks.indices {
            report.checks[index].mend = report.checks[index].mend.map { session.advice($0) }
        }
        DoctorView(session).show(report)
        return ExitStatus(rawValue: report.exit) ?? .internalError
    }
}
