/// Reads pipeline files into a `Pipeline`, collecting every mistake before it gives up.
package enum PipelineReader {
    /// One file as the user named it, and what is in it.
    package typealias Source = (file: String, bytes: [UInt8])

    /// Later sources are laid over earlier ones, then the stage over all of them.
    ///
    /// `report` also holds the warnings of a reading that succeeds; adapters go on to report there.
    ///
    /// - Throws: `InvalidPipeline` with everything that was found.
    package static func read(
        _ sources: [Source], stage: String?, vocabulary: Vocabulary, constants: Constants,
        report: Report = Report()
    ) throws(InvalidPipeline) -> Pipeline {
        let pipeline = readable(
            sources, stage: stage, vocabulary: vocabulary, constants: constants, report: report)
        guard let pipeline, !report.hasErrors else { throw InvalidPipeline(report.diagnostics) }
        return pipeline
    }

    /// The same without giving up: what could be read, so that adapters can add their own mistakes to
    /// `report`. Not to be acted on while the report has errors. `readings` knows one vocabulary.
    package static func readable(
        _ sources: [Source], stage: String?, vocabulary: Vocabulary, constants: Constants,
        report: Report, readings: ReadingMemory? = nil
    ) -> Pipeline? {
        let texts = sources.flatMap { [Array($0.file.utf8), $0.bytes] }
        var root: Node?
        // With anything to report it has to be read again.
        let sound = readings.value(of: texts + (stage.map { [Array($0.utf8)] } ?? [])) {
            root = checked(sources, stage: stage, vocabulary: vocabulary, report: report)
            return report.diagnostics.isEmpty ? root : nil
        }
        guard let root = sound ?? root else { return nil }
        let section = Section(
            root, constants: constants, report: report, folder: folder(of: sources))
        return PipelineDecoder(root: section, vocabulary: vocabulary).pipeline(stage: stage)
    }

    private static func checked(
        _ sources: [Source], stage: String?, vocabulary: Vocabulary, report: Report
    ) -> Node? {
        let layers = PipelineLayers(vocabulary: vocabulary, report: report)
        guard let root = layers.merged(sources, stage: stage) else { return nil }
        ShapeReader(vocabulary: vocabulary, report: report)
            .check(root, against: .section(PipelineSchema.root), named: "the pipeline")
        return root
    }

    static func folder(of sources: [Source]) -> StartingFolder {
        sources.first.map { StartingFolder(of: $0.file) } ?? .working
    }
}
