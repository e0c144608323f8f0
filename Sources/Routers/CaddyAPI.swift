import Contracts
import PipelineModel

/// A `vars` handler in the configuration of a running Caddy: its member `live` decides, and `datum` says
/// the rest.
///
/// Caddy changes it only where it is still as it was read (`If-Match`), and then opens everything anew.
struct CaddyAPI: RouterWay {
    /// How often Caddy is asked after a change: it has just closed the door that was asked.
    private static let looks = 20
    private static let pause = Duration.milliseconds(10)
    private static let writeLimit = Duration.seconds(5)

    let page: AdminPage
    /// Whether Caddy is started so that it remembers changes.
    let resumes: Bool
    let time: Time

    let fencing = Fencing.token
    var abilities: RouterAbilities {
        RouterAbilities(
            isAtomic: false, keepsConnections: false, showsDrain: false, isDurable: resumes)
    }
    var address: String { page.description }
    var firstValue: String {
        "Give Caddy a handler at \(page) that begins with blue (docs/routers/caddy.md)."
    }

    func observe() async throws(Failure) -> Observation {
        let kept = try await look().kept
        return Observation(
            effective: kept.sighting,
            durable: resumes ? .same : .unknown("Caddy is not started with --resume."),
            token: kept.token, isIdleClaimed: kept.isIdleClaimed)
    }

    func write(_ datum: Datum, expecting: Observation) async -> WriteResult {
        if let seen = expecting.token, seen > datum.token { return .refusedStale(seen) }
        do throws(Failure) {
            try datum.requireOneColor(for: "Caddy's handler")
            let sight = try await look()
            if let held = sight.kept.token(before: datum) { return .refusedStale(held) }
            guard let tag = sight.tag else { throw missing }
            return await put(datum, over: sight.members, tag)
        } catch {
            return .notApplied(error)
        }
    }

    // MARK: - Reading

    /// What one look at the handler shows; without a tag there is none.
    private struct Sight {
        var kept = KeptDatum.absent
        var members: [String: JSON] = [:]
        var tag: String?
    }

    private func look() async throws(Failure) -> Sight {
        let answer = try await page.ask()
        // Losing the error is right: what is no JSON is no answer of this API.
        let document = try? JSON(parsing: answer.body)
        // 404 is an '@id' that is not there, 400 a path.
        if [400, 404].contains(answer.status), document?["error"] != nil { return Sight() }
        guard answer.status == 200, case .object(let members)? = document,
            members["handler"]?.words == "vars", let tag = answer.entityTag
        else { throw page.garbled("is no 'vars' handler of Caddy", answer.body) }
        return Sight(kept: Self.kept(members), members: members, tag: tag)
    }

    private static func kept(_ members: [String: JSON]) -> KeptDatum {
        guard let live = members["live"] else { return .absent }
        let plain = KeptDatum(written: live.words ?? "\(live)")
        guard let datum = members["datum"]?.words, case .color(let color) = plain.sighting else {
            return plain
        }
        let kept = KeptDatum(written: datum)
        guard kept.sighting == .color(color) else {
            return KeptDatum(.foreign("\(color), marked \(Evidence.line(datum))"))
        }
        return kept
    }

    // MARK: - Writing

    private func put(
        _ datum: Datum, over members: [String: JSON], _ tag: String
    ) async -> WriteResult {
        var changed = members
        changed["live"] = .text(datum.live.rawValue)
        changed["datum"] = .text(datum.written)
        let order = AdminPage.Order(
            method: "PATCH", fields: ["content-type: application/json", "if-match: \(tag)"],
            body: "\(JSON.object(changed))", limit: Self.writeLimit)
        let answer: AdminPage.Answer?
        do throws(StreamFailure) {
            answer = AdminPage.answer(try await page.exchange(order))
        } catch {
            let failure = page.unreachable(error)
            return error.mayHaveActed ? .unknown(failure) : .notApplied(failure)
        }
        return await outcome(of: datum, answer)
    }

    private func outcome(of datum: Datum, _ answer: AdminPage.Answer?) async -> WriteResult {
        guard let answer else { return .unknown(page.garbled("is no whole answer of HTTP", [])) }
        switch answer.status {
        case 200: return await seen(datum)
        case 412: return await overtaken(by: datum)
        case 400..<500: return .notApplied(refused(answer))
        default: return .unknown(refused(answer))
        }
    }

    private func seen(_ datum: Datum) async -> WriteResult {
        do throws(Failure) {
            guard try await patientLook().kept.datum == datum else { return .unknown(overwritten) }
            return resumes ? .applied : .appliedNotDurable(forgetful)
        } catch {
            return .unknown(error)
        }
    }

    /// Somebody was faster than the write of `datum`.
    private func overtaken(by datum: Datum) async -> WriteResult {
        do throws(Failure) {
            let held = try await patientLook().kept
            if let newer = held.token(before: datum) { return .refusedStale(newer) }
        } catch {
            return .notApplied(error)
        }
        return .notApplied(
            Failure(
                .routerRefused, "Somebody else has changed \(page) in the meantime.",
                hint: "Ask for the status, and try again."))
    }

    private func patientLook() async throws(Failure) -> Sight {
        for _ in 1..<Self.looks {
            do throws(Failure) {
                return try await look()
            } catch {
                guard error.code == .routerUnreachable else { throw error }
            }
            await time.sleep(Self.pause)
        }
        return try await look()
    }

    // MARK: - Failures

    private var missing: Failure {
        Failure(
            .routerTargetMissing, "Caddy has no handler at \(page).",
            hint: "Add it as docs/routers/caddy.md shows, or mend 'api' in the pipeline.")
    }

    private func refused(_ answer: AdminPage.Answer) -> Failure {
        Failure(
            .routerRefused, "Caddy refused the change of \(page).",
            evidence: ["status \(answer.status)", Evidence.line(answer.body)])
    }

    private var overwritten: Failure {
        Failure(
            .routerRefused, "\(page) does not hold what was just written.",
            hint: "Somebody else writes there: only bluegreen should.")
    }

    private var forgetful: Failure {
        Failure(
            .routerNotDurable, "Caddy forgets the change when it is restarted or reloaded.",
            hint: "Start it with --resume and say 'resume: true' in the pipeline, or use 'slot'.")
    }
}
