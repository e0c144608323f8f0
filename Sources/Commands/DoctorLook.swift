import Contracts
import PipelineModel
import Routers
import RunEngine
import StateStores

/// Looks at everything that `doctor` speaks of. Leaves nothing behind.
struct DoctorLook {
    private let place: PlaceOptions
    private let session: Session
    private let world: World

    init(_ place: PlaceOptions, in session: Session) {
        self.place = place
        self.session = session
        world = session.world
    }

    func findings() async throws -> DoctorFindings {
        let (workplace, pipeline) = open()
        let found = try StatusPlace.open(place, in: session)
        let prober = found.prober
        async let seen = RouterPanel.observe(found.routers)
        async let blue = prober?.askDirectly(.blue, timeout: .seconds(1))
        async let green = prober?.askDirectly(.green, timeout: .seconds(1))
        async let open = prober?.askPublic(timeout: .seconds(1))
        let isHeld = try await isSectionHeld(found)
        let answers = await seen
        let situation = Situation(stored: found.stored, seen: answers, of: found.routers)
        let nameless: Failure? =
            if let live = situation.liveColor, let workplace {
                await workplace.publicFailure(live)
            } else { nil }
        return DoctorFindings(
            folder: folder(found.store.location), isSectionHeld: isHeld, situation: situation,
            pipeline: pipeline, routers: await looks(found, answers),
            direct: Self.colors(await blue, await green), publicAnswer: await open,
            nameless: nameless, shareless: workplace?.shareFailure(situation),
            hasCanary: workplace?.pipeline.switching.canary.isEmpty == false,
            preview: await Self.preview(workplace, prober),
            programs: workplace.map(programs) ?? [], now: world.time.wall(),
            hasProcesses: !world.host.bootID.isEmpty)
    }

    private func open() -> (Workplace?, DoctorFindings.PipelineLook) {
        do {
            let workplace = try Workplace.open(place, in: session)
            return (workplace, .valid(files: workplace.fileNames))
        } catch let invalid as InvalidPipeline {
            return (nil, .invalid(mistakes: invalid.diagnostics.count { $0.severity == .error }))
        } catch let failure as Failure {
            return (nil, .unreadable(failure))
        } catch {
            return (nil, .unreadable(Failure(.pipelineMissing, "\(error)")))
        }
    }

    private static func preview(
        _ workplace: Workplace?, _ prober: Prober?
    ) async -> DoctorFindings.PreviewLook? {
        guard let rule = workplace?.pipeline.switching.preview, let prober else { return nil }
        return DoctorFindings.PreviewLook(
            rule: rule, answer: await prober.askPublic(timeout: .seconds(1), as: rule))
    }

    private static func colors(
        _ blue: Prober.Answer?, _ green: Prober.Answer?
    ) -> [Color: Prober.Answer] {
        var answers: [Color: Prober.Answer] = [:]
        (answers[.blue], answers[.green]) = (blue, green)
        return answers
    }

    /// Sections of others last milliseconds.
    private func isSectionHeld(_ found: StatusPlace) async throws(Failure) -> Bool {
        guard try found.store.isBeingWritten() else { return false }
        await world.time.sleep(.milliseconds(500))
        return try found.store.isBeingWritten()
    }

    private func looks(
        _ found: StatusPlace, _ seen: [RouterID: Result<Observation, Failure>]
    ) async -> [DoctorFindings.RouterLook] {
        var looks: [DoctorFindings.RouterLook] = []
        for (id, router) in found.routers.sorted(by: { $0.key < $1.key }) {
            guard let result = seen[id] else { continue }
            let recipe = found.recipes.last { $0.router == id }
            let kind = recipe?.kind ?? id.name
            looks.append(
                DoctorFindings.RouterLook(
                    id: id, kind: kind, address: router.address,
                    ability: AbilityWords(
                        fencing: router.fencing, abilities: router.abilities,
                        believed: await router.believed(),
                        isTested: found.stored.record.hasTested(recipe)),
                    counts: router.meter == nil ? [] : RouterCatalog.metrics(of: kind),
                    silence: await Self.silence(of: router),
                    inspection: await router.inspect(isBeforeSwitch: false), result: result))
        }
        return looks
    }

    private static func silence(of router: any Router) async -> Failure? {
        switch await router.meter?.countersOrWhy() {
        case .failure(let failure)?: failure
        case .success?, nil: nil
        }
    }

    // MARK: - The disk

    func folder(_ path: String) -> DoctorFindings.Folder {
        var folder = DoctorFindings.Folder(path: path)
        do throws(FileFailure) {
            folder.status = try world.files.status(path)
            // For an existing folder this only asks whose it is, and who may write into it.
            if folder.status != nil { try world.files.createPrivateFolder(path) }
        } catch {
            folder.refusal = error.message
        }
        folder.hasSpare = Spare(in: path, world.files).isThere
        let near = nearest(path)
        folder.kind = mountKind(of: near)
        // A run has a journal and an owner; to give the spare up makes room for one of them.
        folder.unmakeable = making(folder.hasSpare ? 1 : 2, in: near)
        folder.unwritable = folder.unmakeable ?? writing(in: near)
        return folder
    }

    /// The folder itself, or the first one above it that is there.
    private func nearest(_ path: String) -> String {
        // A folder that cannot be looked at is told where something is written into it.
        guard let status = try? world.files.status(path), status.kind == .folder else {
            guard let slash = path.lastIndex(of: "/") else { return "." }
            return slash == path.startIndex ? "/" : nearest(String(path[..<slash]))
        }
        return path
    }

    private func making(_ count: Int, in folder: String) -> FileFailure? {
        let files = (1...count).map { "\(folder)/.bluegreen-doctor-\($0)" }
        // Losing the error is right: what cannot be removed could be made, which is the question.
        defer { for file in files { try? world.files.remove(file) } }
        do throws(FileFailure) {
            for file in files { try world.files.replace(file, [], 0o600) }
            return nil
        } catch {
            return error
        }
    }

    private func writing(in folder: String) -> FileFailure? {
        let file = "\(folder)/.bluegreen-doctor"
        // Losing the error is right: what cannot be removed could be written, which is the question.
        defer { try? world.files.remove(file) }
        do throws(FileFailure) {
            try world.files.replace(file, [UInt8](repeating: 0, count: 1 << 20), 0o600)
            return nil
        } catch {
            return error
        }
    }

    private func mountKind(of folder: String) -> String? {
        let path =
            folder.hasPrefix("/")
            ? folder : world.host.workingDirectory + (folder == "." ? "" : "/" + folder)
        // Losing the error is right: without the table nothing is known of it.
        guard let bytes = try? world.files.read(MountTable.path, 1 << 20) else { return nil }
        return MountTable(String(decoding: bytes, as: UTF8.self)).kind(at: path)
    }

    // MARK: - Programs

    /// The first word of every command of the pipeline.
    private func programs(_ workplace: Workplace) -> [DoctorFindings.Program] {
        let pipeline = workplace.pipeline
        let sections =
            (pipeline.deploy + pipeline.checks.map(\.step) + pipeline.retire.steps)
            .map { (kind: $0.kind, section: $0.section) }
            + (pipeline.bake?.metrics ?? []).map { (kind: $0.kind, section: $0.section) }
        let names = sections.compactMap { kind, section -> String? in
            guard kind == "run" || kind == "process" else { return nil }
            switch section.command(kind) {
            case .shell: return "/bin/sh"
            case .vector(let words): return words.first.flatMap { Self.literal($0) }
            case nil: return nil
            }
        }
        return Set(names).sorted().map {
            DoctorFindings.Program(name: $0, isThere: isThere($0, workplace.directory))
        }
    }

    /// `nil` where a part of it is only known in a run.
    private static func literal(_ word: Template) -> String? {
        var text = ""
        for part in word.parts {
            guard case .text(let literal) = part else { return nil }
            text += literal
        }
        return text
    }

    private func isThere(_ name: String, _ directory: String) -> Bool {
        if name.hasPrefix("/") { return isProgram(name) }
        guard !name.contains("/") else {
            return isProgram(directory == "." ? name : "\(directory)/\(name)")
        }
        let path = world.host.environment("PATH") ?? ""
        return path.split(separator: ":").contains { isProgram("\($0)/\(name)") }
    }

    private func isProgram(_ path: String) -> Bool {
        // Losing the error is right: what cannot be looked at cannot be started either.
        guard let status = try? world.files.status(path) else { return false }
        return status.kind == .link || (status.kind == .file && status.mode & 0o111 != 0)
    }
}
