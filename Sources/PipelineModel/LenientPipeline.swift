/// What a rollback takes from a pipeline file that may be wrong everywhere else.
///
/// Only `service`, `colors`, `public`, `router`, `routers`, `fleet` and a part of
/// `switch` are looked at, and each only if it can be used.
package struct LenientPipeline: Sendable {
    package var service: String?
    /// Those that can be chosen, also where an unknown one was; `nil` where the file cannot be parsed.
    package var stages: [String]?
    package var colors: [Color: ColorSettings]
    package var entrance: PublicEntrance?
    /// Empty where it is not certain which router is meant.
    package var routers: [RouterSettings]
    package var closesOnRollback = false
    package var preview: Preview?
    /// Routers of a fleet of which nothing but the name is clear.
    package var unclearRouters: [String]
    package var fleet: FleetRequirement
    /// What was wrong, for a person; nothing of it stands in the way of a rollback.
    package var report: Report

    /// Never fails. A file that cannot be parsed leaves everything empty; an unknown stage all but the
    /// service: the router of another stage, or of another service, must not be moved.
    package init(
        _ sources: [PipelineReader.Source], stage: String?, vocabulary: Vocabulary,
        constants: Constants
    ) {
        let report = Report()
        self.report = report
        let layers = PipelineLayers(vocabulary: vocabulary, report: report)
        let base = layers.base(sources)
        stages = base?.stageNames
        let name = base?["service"]?.text ?? ""
        service = ScalarCheck.isName(name) ? name : nil
        guard let root = base.flatMap({ layers.merged($0, stage: stage) }) else {
            (colors, entrance, routers) = ([:], nil, [])
            (unclearRouters, fleet) = ([], .all)
            return
        }
        let section = Section(
            root, constants: constants, report: report, folder: PipelineReader.folder(of: sources))
        let decoder = PipelineDecoder(root: section, vocabulary: vocabulary)
        colors = decoder.colors()
        entrance = section.section("public").flatMap(decoder.entrance)
        let routers = decoder.routers()
        self.routers = routers
        fleet = decoder.fleet(of: routers.count)
        let switching = section.section("switch")
        closesOnRollback = switching?.section("drain")?.text("onRollback") == "close"
        preview = switching?.preview()
        guard case .mapping(let entries)? = root["routers"]?.content else {
            unclearRouters = []
            return
        }
        unclearRouters = entries.map(\.key).filter { name in
            !routers.contains { $0.name == name }
        }
    }
}
