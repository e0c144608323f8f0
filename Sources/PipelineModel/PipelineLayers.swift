/// Puts the files and the chosen stage together, so that the rest sees one mapping.
struct PipelineLayers {
    let vocabulary: Vocabulary
    let report: Report

    /// - Returns: `nil` where a file cannot be read or the stage is not there: then nothing is known
    ///   for certain, not even the router.
    func merged(_ sources: [PipelineReader.Source], stage: String?) -> Node? {
        base(sources).flatMap { merged($0, stage: stage) }
    }

    /// What the files say together, before a stage is laid over it.
    func base(_ sources: [PipelineReader.Source]) -> Node? {
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
        return roots.dropFirst().reduce(first) { overlay.merged($0, under: $1, shape: shape) }
    }

    func merged(_ base: Node, stage: String?) -> Node? {
        reportUnusable(in: base)
        guard let stage else { return base }
        guard let layer = base["stages"]?[stage] else {
            reportUnknown(stage, in: base)
            return nil
        }
        return Overlay(vocabulary: vocabulary)
            .merged(base, under: layer, shape: .section(PipelineSchema.root))
    }

    private func reportUnusable(in root: Node) {
        for stage in root.stages where !ScalarCheck.isName(stage.key) {
            report.error(
                at: stage.keyPosition, "a stage must have \(Shape.name.words)",
                hint: "its state is kept in a folder of this name")
        }
    }

    private func reportUnknown(_ stage: String, in root: Node) {
        report.error(
            at: root["stages"]?.position ?? root.position,
            "there is no stage '\(stage.prefix(64))'",
            hint: Suggestion.hint(for: stage, among: root.stages.map(\.key))
                ?? "this pipeline has no stages")
    }
}

extension Node {
    fileprivate var stages: [Entry] {
        guard case .mapping(let stages)? = self["stages"]?.content else { return [] }
        return stages
    }

    /// The stages that can be chosen.
    var stageNames: [String] { stages.map(\.key).filter(ScalarCheck.isName) }
}
