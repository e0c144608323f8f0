import ArgumentParser
import Console
import Contracts
import PipelineModel
import RunEngine

/// `bluegreen adopt`: accepts what the router shows as the truth.
struct Adopt: PlacedSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract: "Accept the colour that the router shows as the truth.",
        usage: "bluegreen adopt [<options>]",
        discussion: """
            EXAMPLES
              bluegreen adopt --reason "switched by hand during the incident"

            Use it after a switch by hand, or where the state folder was lost or is an old backup. \
            Traffic does not move. What a switch that was never finished came from stays the way \
            back.

            \(RunOptions.jsonLines)
            """)

    @OptionGroup(title: "Run") var run: RunOptions
    @OptionGroup(title: "Place") var place: PlaceOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(in session: Session) async throws -> ExitStatus {
        let workplace = try Workplace.open(place, in: session)
        let situation = try await workplace.situation()
        try situation.refuseLivingRun(
            now: session.world.time.wall(), hint: "Adopt when it has ended.")
        guard let live = situation.liveColor else {
            if case .unreadable(let failure) = situation.live { throw failure }
            throw Failure(
                .drift, situation.drift.first.map(StatusWords.drift) ?? "No colour is live.",
                hint: "Only blue or green can be adopted."
                    + (situation.recordedBesideForeign.map {
                        " To go there: '\(situation.rollbackCommand(to: $0))'."
                    } ?? ""))
        }
        guard !situation.isAgreed else {
            return AnswerView(session).say(
                .nothingToDo, "Nothing to adopt: record and router agree that \(live) is live.",
                live: live)
        }
        let plan = RunPlan(verb: .adopt, entry: .adopting, from: live, to: live)
        guard !run.dryRun else {
            return AnswerView(session).say(
                .wouldDo, "Would accept \(live) as live.", live: live)
        }
        let equipment = workplace.equipment(for: situation, release: nil, target: live)
        let launch = RunLaunch(workplace, run)
        let journal = try await launch.begin(plan, above: situation)
        let token: Token?
        do throws(Failure) {
            token = try await makeDurable(live, situation, workplace, journal)
        } catch {
            await launch.giveUp(journal, live, error)
            throw error
        }
        return await launch.perform(
            journal, with: equipment,
            adopting: Adoption(
                live: live, token: token ?? situation.highestToken,
                why: run.reason ?? "bluegreen adopt", leftOut: leftOut(live, situation),
                claimed: situation.unexplainedClaim))
    }

    /// A quorum may accept what the others do not show yet.
    private func leftOut(_ live: Color, _ situation: Situation) -> [RouterID: String]? {
        let lagging = situation.observations.filter { $0.value.color != live }.mapValues {
            "it shows \(StatusWords.sighting($0.effective))"
        }
        let all = situation.unreadable.merging(lagging) { why, _ in why }
        return all.isEmpty ? nil : all
    }

    /// Writes what a router shows once more where a restart would forget it. Traffic does not move.
    ///
    /// Returns the token that was written, or `nil` where nothing had to be.
    private func makeDurable(
        _ live: Color, _ situation: Situation, _ workplace: Workplace, _ journal: any RunJournal
    ) async throws(Failure) -> Token? {
        let forgetful = situation.observations.sorted { $0.key < $1.key }.filter {
            if case .differs = $0.value.durable { $0.value.color == live } else { false }
        }
        guard !forgetful.isEmpty else { return nil }
        let record = MaskedJournal(journal: journal, secrets: workplace.session.secrets)
        let datum = Datum(
            live: live, isIdleClaimed: forgetful.contains(where: \.value.isIdleClaimed),
            token: Token(epoch: journal.beginning.epoch, round: 1))
        let intent = Intent(datum: datum, from: live, recipes: workplace.recipes)
            .knowing(workplace.world.names.known())
        try await record.append(.adoptIntended(intent), isDurable: true)
        for (id, seen) in forgetful {
            guard let router = workplace.routers[id] else { continue }
            let result = try await record.whileNewest {
                await router.write(datum, expecting: seen)
            }
            try await record.append(.written([id: result]), isDurable: false)
            if let failure = result.shortcoming { throw failure }
        }
        return datum.token
    }
}

extension Situation {
    /// The record says what every router says, and nothing is open.
    fileprivate var isAgreed: Bool {
        liveColor != nil && record.live?.color == liveColor && openRun == nil
            && record.openIntent == nil && drift.isEmpty && unreadable.isEmpty && behind.isEmpty
            && stored.condition == .sound
    }
}

extension WriteResult {
    /// Why a restart may still forget what was written.
    fileprivate var shortcoming: Failure? {
        switch self {
        case .applied: nil
        case .appliedNotDurable(let failure), .notApplied(let failure), .unknown(let failure):
            failure
        case .refusedStale(let token):
            Failure(
                .superseded, "The router holds the newer token \(token).",
                hint: "Another run was here since: see 'bluegreen status'.")
        }
    }
}
