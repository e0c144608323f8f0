import Contracts
import PipelineModel

/// `http:` takes a number out of a JSON answer.
struct HTTPMetric: MetricSource {
    static let description = AdapterDescription(
        "http", .text(.template),
        companions: SettingsDescription([
            Setting(
                "json", .text(.literal), .required,
                "Where the number stands in the answer: `$.name`, `$['name']`, `$.list[0]`."),
            Setting("headers", .named(.text(.template)), .optional, "Headers to send."),
        ]),
        summary: "Asks an address for a JSON document with the number in it.")

    private let request: RequestTemplate
    private let path: JSONPath
    private let http: HTTP

    init?(_ metric: Section, world: World) {
        let request = RequestTemplate(metric, address: "http", hasBody: false)
        let path = metric.node["json"].flatMap { JSONPath($0, report: metric.report) }
        guard let request, let path else { return nil }
        for template in request.templates { template.reportCaptures(to: metric.report) }
        self.request = request
        self.path = path
        http = world.http
    }

    var needs: Set<TrafficNeed> { [] }

    func measure(_ context: MetricContext) async -> Measurement {
        do throws(Failure) {
            let request = try request.filled(context.step)
            let answer = try await http.answer(to: request)
            let asked = "GET \(request.url)"
            guard answer.status / 100 == 2 else {
                return .noData("\(asked): status \(answer.status), expected 2xx")
            }
            let document = try JSON.document(answer.body, of: asked)
            guard let found = path.value(in: document) else {
                return .noData("\(asked): nothing at \(path)")
            }
            guard let number = found.measured else {
                let shown = Wording.excerpt(found.description.utf8, limit: 80)
                return .noData("\(asked): \(path) is \(shown), not a number")
            }
            return .value(number)
        } catch {
            return .noData(error.message)
        }
    }
}

extension JSON {
    /// The number that this is or that this text writes.
    fileprivate var measured: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .text(let value): PlainNumber.parse(value)
        case .null, .boolean, .list, .object: nil
        }
    }
}
