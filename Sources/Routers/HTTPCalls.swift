import Contracts
import PipelineModel

/// The requests with which one API is asked and told.
struct HTTPCalls: Teller {
    var address: String { reading.address }
    var name: String { "The API \(address)" }
    private let reading: HTTPCall
    private let value: JSONPath?
    /// What stands there for a colour; `nil`: the datum, or the bare colour.
    private let spelling: Template?
    private let finding: HTTPCall?
    private let switching: HTTPCall
    private let verifying: HTTPCall?
    private let constants: Constants

    init?(_ settings: Section, world: World) {
        let read = settings.section("read")
        let reading = HTTPCall(settings, "read", names: [], answered: ["color"], world: world)
        let switching = HTTPCall(settings, "switch", standard: "PUT", .ofClass(2), world: world)
        finding = HTTPCall(settings, "target", .ofClass(2), world: world)
        verifying = HTTPCall(settings, "verify", .ofClass(2), world: world)
        // Losing the error is right: the shape of the setting has reported it.
        value = read?.text("value").flatMap { try? JSONPath($0) }
        spelling = read?.template("as")
        spelling?.reportNames(except: ["color"], to: settings.report)
        constants = settings.constants
        guard let reading, let switching else { return nil }
        self.reading = reading
        self.switching = switching
    }

    func read() async throws(Failure) -> KeptDatum {
        let answer = try await answer()
        let kept = try kept(in: answer)
        guard case .color(let color) = kept.sighting else { return kept }
        let substitutes = Substitutes(["color": color.rawValue], constants: constants)
        let judgement = try reading.expectation.judge(answer, substitutes)
        guard !judgement.isGood else { return kept }
        return KeptDatum(.foreign(Evidence.line("\(color), but \(judgement.evidence)")))
    }

    func findTarget(of datum: Datum) async throws(Failure) {
        guard let finding else { return }
        let outcome: HTTPCall.Outcome
        do throws(HTTPCall.Trouble) {
            outcome = try await finding.perform(substitutes(datum))
        } catch {
            throw unreachable(error.failure)
        }
        guard !outcome.isGood else { return }
        throw Failure(
            .routerTargetMissing, "\(name) has no target for \(datum.live).",
            evidence: outcome.evidence, hint: "See 'target' in the pipeline.")
    }

    func tell(_ datum: Datum) async -> Telling {
        do throws(HTTPCall.Trouble) {
            let outcome = try await switching.perform(substitutes(datum))
            guard !outcome.isGood else { return .done }
            let failure = Failure(
                .routerRefused, "\(name) did not switch to \(datum.live).",
                evidence: outcome.evidence, hint: "See 'switch' in the pipeline.")
            // Who answers that it failed, or for somebody behind it, says nothing of what was done.
            return outcome.status >= 500 || outcome.status == 408
                ? .unclear(failure) : .refused(failure)
        } catch {
            let failure = unreachable(error.failure)
            return error.mayHaveActed ? .unclear(failure) : .unheard(failure)
        }
    }

    func verify(_ datum: Datum) async throws(Failure) {
        guard let verifying else { return }
        let outcome: HTTPCall.Outcome
        do throws(HTTPCall.Trouble) {
            outcome = try await verifying.perform(substitutes(datum))
        } catch {
            throw unreachable(error.failure)
        }
        guard !outcome.isGood else { return }
        throw Failure(
            .routerRefused, "\(name) was told \(datum.live), and 'verify' fails.",
            evidence: outcome.evidence, hint: "See 'verify' in the pipeline.")
    }

    private func answer() async throws(Failure) -> HTTPAnswer {
        let substitutes = Substitutes(constants: constants)
        let answer: HTTPAnswer
        do throws(HTTPCall.Trouble) {
            answer = try await reading.send(substitutes)
        } catch {
            throw unreachable(error.failure)
        }
        guard let mistake = reading.expectation.mistake(in: answer.status) else { return answer }
        throw garbled(mistake, answer)
    }

    private func kept(in answer: HTTPAnswer) throws(Failure) -> KeptDatum {
        guard let value else {
            let text = String(decoding: answer.body, as: UTF8.self)
            if let spelling { return try kept(text, spelledAs: spelling) }
            guard let kept = KeptDatum(word: text) else {
                throw garbled("the body is not one word", answer)
            }
            return kept
        }
        let document: JSON
        do throws(JSON.Unreadable) {
            document = try JSON(parsing: answer.body)
        } catch {
            throw garbled(error.sentence, answer)
        }
        switch value.value(in: document) {
        case nil, .null: return .absent
        case .text(let text):
            guard let spelling else { return KeptDatum(written: text) }
            return try kept(text, spelledAs: spelling)
        case .boolean, .integer, .number, .list, .object:
            throw garbled("\(value) is not a text", answer)
        }
    }

    private func kept(_ text: String, spelledAs spelling: Template) throws(Failure) -> KeptDatum {
        for color in Color.allCases {
            let substitutes = Substitutes(["color": color.rawValue], constants: constants)
            if try spelling.resolved(substitutes) == text { return KeptDatum(.color(color)) }
        }
        return KeptDatum(.foreign(Evidence.line(text)))
    }

    private func substitutes(_ datum: Datum) -> Substitutes {
        ToldNames.substitutes(datum, constants)
    }

    private func unreachable(_ failure: Failure) -> Failure {
        Failure(
            .routerUnreachable, "\(name) did not answer.",
            evidence: [Evidence.line(failure.message)] + failure.evidence,
            hint: failure.hint ?? "Send the same request by hand from this machine.")
    }

    private func garbled(_ mistake: String, _ answer: HTTPAnswer) -> Failure {
        Failure(
            .routerGarbled, "\(name) does not say what is live: \(mistake).",
            evidence: HTTPCall.shown(answer.body), hint: "Compare 'read' with what it answers.")
    }
}

extension HTTPCalls {
    private static let request =
        [Setting("url", .text(.template), .required, "The whole address.")]
        + RequestTemplate.settings

    static let asking = SettingsDescription(
        request + [RequestTemplate.method, ExpectedAnswer.setting(standardStatus: "2xx")])

    static let switching = SettingsDescription(
        request + [
            Setting("method", RequestTemplate.method.shape, .standard("PUT"), "The method."),
            ExpectedAnswer.setting(standardStatus: "2xx"),
        ])

    static let reading = SettingsDescription(
        request + [
            RequestTemplate.method,
            ExpectedAnswer.setting(standardStatus: "200"),
            Setting(
                "value", .jsonPath, .optional,
                "Where in the JSON it stands; without it, it is the whole body."),
            Setting(
                "as", .text(.template), .optional,
                "How a colour is spelled there: pool_${color}. Without it: blue, green, ${datum}."),
        ])
}
