/// Puts the files and the chosen stage together, so that the rest sees one mapping.
struct PipelineLayers {
    let vocabulary: Vocabulary
    let report: Report

    /// - Returns: `nil` where a file cannot be read or the stage is not there: then nothing is known
    ///   for certain, not even the router.
    func merged(_ sources: [PipelineReader.Source], stage: String?) -> Node? {
        let files = sources.map { YAMLReader.read($0.bytes, file: $0.file, report: report) }
        let roots = files.compactMap { $0 }
        guard let first = roots.first, roots.count == files.count else { return nil }
        for root in roots {
            guard case .mapping = root.content else {
                report.error(
                    at: root.position, "the pipeline must be a mapping, not \(root.found)",
                    hint: "begin with `apiVersion: bluegreen/v1`")
                return nil
            }
        }
        let overlay = Overlay(vocabulary: vocabulary)
        let shape = Shape.section(PipelineSchema.root)
        let root = roots.dropFirst().reduce(first) { overlay.merged($0, under: $1, shape: shape) }
        let names = stageNames(in: root)
        guard let stage else { return root }
        guard let layer = root["stages"]?[stage] else {
            reportUnknown(stage, names: names, in: root)
            return nil
        }
        return overlay.merged(root, under: layer, shape: shape)
    }

    private func stageNames(in root: Node) -> [String] {
        guard case .mapping(let stages)? = root["stages"]?.content else { return [] }
        for stage in stages where !ScalarCheck.isName(stage.key) {
            report.error(
                at: stage.keyPosition, "a stage must have \(Shape.name.words)",
                hint: "its state is kept in a folder of this name")
        }
        return stages.map(\.key)
    }

    private func reportUnknown(_ stage: String, names: [String], in root: Node) {
        report.error(
            at: root["stages"]?.position ?? root.position,
            "there is no stage '\(stage.prefix(64))'",
            hint: Suggestion.hint(for: stage, among: names) ?? "this pipeline has no stages")
    }
}
