import Contracts
import PipelineModel
import Routers
import StateStores

/// What the pipeline says about the embedded proxy. Mistakes elsewhere in it do not matter here: a proxy
/// must start again whatever somebody wrote under `checks`.
struct ProxyPlace {
    /// Without upstreams.
    private let plan: ProxyPlan
    private let colors: [Color: ColorSettings]
    /// The register belongs to the service, as its record does: it stays when an address changes. It
    /// lies beside the record, because the proxy may be another user than who deploys; no service has a
    /// `+` in its name.
    private let register: Result<String, any Error>
    /// What a proxy in the background needs of our environment to read the same pipeline.
    let environment: [String: String]

    init(_ place: PlaceOptions, in session: Session) throws {
        let files = PipelineFiles(place, in: session)
        let sources = try files.read()
        let lenient = LenientPipeline(
            sources, stage: place.stage, vocabulary: .built, constants: files.constants)
        var plan = try Self.plan(lenient, files.constants, isStaged: place.stage != nil)
        plan.testers = lenient.preview
        self.plan = plan
        colors = lenient.colors
        register = Result {
            let service = try RecordPlace.service(place, lenient, files, session.world)
            let record = StateStoreCatalog.folderName(service, place.stage)
            return "\(files.stateRoot)/\(record)+proxy"
        }
        let names = Host.inheritedNames + PipelineFiles.environmentNames(in: sources)
        environment = names.reduce(into: [:]) { $0[$1] = session.world.host.environment($1) }
    }

    var admin: String { plan.admin }
    var listen: NetworkAddress { plan.listen }
    var folder: String { plan.folder }
    var log: String { plan.folder + "/log" }

    /// The plan, complete: both colours must have an address that the proxy can use.
    func whole() throws -> ProxyPlan {
        var plan = plan
        plan.register = try register.get()
        for color in Color.allCases {
            guard let url = colors[color]?.url else {
                throw Failure(
                    .proxyNotStarted, "The pipeline gives no usable address for \(color).",
                    hint: "See what is wrong with 'bluegreen validate'.")
            }
            plan.upstreams[color] = try Self.address(url, of: color)
        }
        return plan
    }

    private static func plan(
        _ lenient: LenientPipeline, _ constants: Constants, isStaged: Bool
    ) throws -> ProxyPlan {
        guard let router = lenient.routers.first(where: { $0.kind == EmbeddedRouter.kind }) else {
            if !isStaged, let stages = lenient.stages, !stages.isEmpty {
                throw UsageRefusal(message: StageChoice.question(stages))
            }
            guard lenient.routers.isEmpty, lenient.report.hasErrors else {
                throw Failure(
                    .proxyNotStarted, "The pipeline has no 'router.embedded'.",
                    hint: "Only that router is served by 'bluegreen proxy'.")
            }
            throw InvalidPipeline(lenient.report.diagnostics)
        }
        let report = Report()
        let section = router.section.section(at: router.section.node, reportingTo: report)
        ShapeReader(vocabulary: .built, report: report).check(
            section.node, against: .section(EmbeddedRouter.settings), named: "'embedded'")
        let settings = EmbeddedSettings(section)
        guard let settings, !report.hasErrors else { throw InvalidPipeline(report.diagnostics) }
        return settings.plan
    }

    private static func address(_ url: String, of color: Color) throws(Failure) -> NetworkAddress {
        // Why it is no address of the web is told by 'validate'; here it only cannot be used.
        guard let address = try? WebAddress(url), !address.isSecure, address.rest.isEmpty else {
            throw Failure(
                .proxyNotStarted, "The proxy cannot reach \(color) at \(url).",
                hint:
                    "It speaks plain HTTP to http://host:port; TLS and paths need HAProxy or nginx."
            )
        }
        return NetworkAddress(bracketed: address.host, port: address.port)
    }
}
