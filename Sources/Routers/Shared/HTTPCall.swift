import Contracts
import PipelineModel

/// One request of an API, and what its answer must be like.
struct HTTPCall: Sendable {
    let expectation: ExpectedAnswer
    /// Scheme, host and path as the pipeline file has them.
    let address: String
    private let request: RequestTemplate
    private let timeout: Duration
    private let caFile: String?
    private let http: HTTP

    struct Outcome {
        let status: Int
        let isGood: Bool
        let evidence: [String]
    }

    struct Trouble: Error {
        let failure: Failure
        /// Whether somebody may have heard it.
        let mayHaveActed: Bool
    }

    /// `nil` where there is no such section or it was reported as wrong. `names` have a value in the
    /// request, and `answered` in what is expected.
    init?(
        _ settings: Section, _ key: String, standard method: String = "GET",
        _ status: ExpectedAnswer.Status = .exactly(200), names: Set<String> = ToldNames.all,
        answered: Set<String> = ToldNames.all, world: World
    ) {
        guard let own = settings.section(key) else { return nil }
        let request = RequestTemplate(
            own, address: "url", method: own.text("method") ?? method)
        let expectation = ExpectedAnswer(own.section("expect"), standardStatus: status)
        guard let request, let expectation, let url = own.template("url") else { return nil }
        for template in request.templates { template.reportNames(except: names, to: own.report) }
        for template in expectation.templates {
            template.reportNames(except: answered, to: own.report)
        }
        if case .text(let text) = url.parts.first, text.hasPrefix("/") {
            own.report.error(
                at: own.position(of: "url"), "'url' is only a path",
                hint: "write the whole address: https://lb.example.com/api")
        }
        self.request = request
        self.expectation = expectation
        address = url.parts.map { part in
            switch part {
            case .text(let text): text
            case .name(let name): "${\(name)}"
            }
        }.joined()
        timeout = ToldPromise.timeout(settings)
        caFile = settings.place("caFile")
        http = world.http
    }

    func send(_ substitutes: Substitutes) async throws(Trouble) -> HTTPAnswer {
        let filled = try filled(substitutes)
        do throws(HTTPFailure) {
            return try await http.send(filled)
        } catch {
            throw Trouble(failure: error.failure(of: filled), mayHaveActed: error.mayHaveActed)
        }
    }

    func perform(_ substitutes: Substitutes) async throws(Trouble) -> Outcome {
        let answer = try await send(substitutes)
        do throws(Failure) {
            let judgement = try expectation.judge(answer, substitutes)
            return Outcome(
                status: answer.status, isGood: judgement.isGood,
                evidence: [Evidence.line(judgement.evidence)] + Self.shown(answer.body))
        } catch {
            throw Trouble(failure: error, mayHaveActed: true)
        }
    }

    static func shown(_ body: [UInt8]) -> [String] {
        body.isEmpty ? ["no body"] : ["body: \(Evidence.line(body))"]
    }

    private func filled(_ substitutes: Substitutes) throws(Trouble) -> HTTPRequest {
        let context = StepContext(
            color: .blue, url: "", substitutes: substitutes, environment: [:], timeout: timeout,
            requestTimeout: timeout)
        do throws(Failure) {
            var filled = try request.filled(context)
            filled.caFile = caFile
            return filled
        } catch {
            throw Trouble(failure: error, mayHaveActed: false)
        }
    }
}
