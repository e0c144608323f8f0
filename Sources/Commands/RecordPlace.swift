import Contracts
import PipelineModel
import StateStores

/// The record of a service, opened without needing the rest of its pipeline to be right.
struct RecordPlace {
    let service: String
    private let stage: String?
    let store: any StateStore

    init(_ place: PlaceOptions, in session: Session) throws {
        let world = session.world
        let files = PipelineFiles(place, in: session)
        // A pipeline that cannot be read still has a record beside it.
        let lenient = (try? files.read()).map {
            LenientPipeline(
                $0, stage: place.stage, vocabulary: .built, constants: files.constants)
        }
        service = try Self.service(place, lenient, files, world)
        stage = place.stage
        try Self.choice(service, lenient, files, world).check(stage)
        let isWritten = lenient?.service != nil
        guard try isWritten ? true : Self.isRecorded(service, stage, files, world) else {
            throw UsageRefusal(
                message: "Neither a pipeline here nor a record in '\(files.stateRoot)' knows"
                    + " \(service)\(place.stage.map { " · \($0)" } ?? "").")
        }
        store = FileStateStore(
            root: files.stateRoot, service: service, stage: place.stage, world: world)
    }

    /// For people: `shop · staging`.
    var name: String { service + (stage.map { " · \($0)" } ?? "") }

    /// The flag, the pipeline, or the only service that has a record here.
    static func service(
        _ place: PlaceOptions, _ lenient: LenientPipeline?, _ files: PipelineFiles, _ world: World
    ) throws -> String {
        try refuseStranger(place, besides: lenient?.service)
        if let service = place.service ?? lenient?.service { return service }
        let known = try StateStoreCatalog.services(in: files.stateRoot, files: world.files)
        let staged = known.filter { $0.stage == place.stage }
        guard staged.count != 1 else { return staged[0].service }
        let services = Set((staged.isEmpty ? known : staged).map(\.service)).sorted()
        guard services.count == 1 else {
            throw UsageRefusal(
                message: "Which service? No pipeline that can be read is here, and no single record"
                    + " in '\(files.stateRoot)'. Go to the pipeline's folder, or give --service NAME."
                    + (services.isEmpty
                        ? "" : " Known here: \(services.joined(separator: ", "))."))
        }
        return services[0]
    }

    static func choice(
        _ service: String, _ lenient: LenientPipeline?, _ files: PipelineFiles, _ world: World
    ) -> StageChoice {
        StageChoice(
            written: lenient?.stages, service: service, root: files.stateRoot, world: world)
    }

    private static func isRecorded(
        _ service: String, _ stage: String?, _ files: PipelineFiles, _ world: World
    ) throws(Failure) -> Bool {
        try StateStoreCatalog.services(in: files.stateRoot, files: world.files)
            .contains { $0 == (service, stage) }
    }

    /// A pipeline names its own service; its router must not be moved in the name of another one.
    static func refuseStranger(_ place: PlaceOptions, besides written: String?) throws {
        guard let wished = place.service, let written, wished != written else { return }
        throw UsageRefusal(
            message: "--service \(wished), but the pipeline here is that of '\(written)'."
                + " Go to the pipeline of \(wished), or name it with -f.")
    }

    /// The run that `text` names: its whole name, or a beginning that only one run has.
    func run(_ text: String) throws -> RunID {
        if try store.entries(of: RunID(text)) != nil { return RunID(text) }
        let known = try store.runs(before: nil, limit: Self.searched).map(\.beginning.run)
        let matching = known.filter { $0.text.hasPrefix(text) }
        guard let run = matching.first, matching.count == 1 else {
            let what = matching.isEmpty ? "There is no run" : "More than one run begins with"
            throw UsageRefusal(message: "\(what) '\(text)'; see 'bluegreen history'.")
        }
        return run
    }

    /// A beginning is looked for among so many of the newest runs.
    private static let searched = 1000
}
