import Console
import Contracts
import PipelineModel
import Routers

/// `init --from`: a proxy that serves users already gets a second colour.
extension Init {
    func convert(_ path: String, in session: Session) async throws -> ExitStatus {
        let world = session.world
        let text = try configuration(path, world)
        let type = try convertibleType(path)
        let wish = ConversionWish(
            path: path, service: service, backend: backend, green: plan("").green)
        let proposal = Proposal(
            type: type, wish: wish,
            conversion: try type.conversion(of: text, wish), isGreenNamed: green != nil)
        try refuseClash(proposal.conversion.plan)
        let files = proposal.files
        try refuseExisting(files.map(\.path), world)
        let ours = files.filter { $0.path == PipelineFiles.standardName }
        // A proxy's configuration may hold passwords; the pipeline is for everybody.
        try write(
            files.filter { $0.path != PipelineFiles.standardName }, folder: type.kind, mode: 0o600,
            world)
        try write(ours, folder: nil, world)
        if !session.isJSON { proposal.show(session.terminal.output) }
        let verdict = await proposal.verdict(world)
        show(files.map(\.path), proposal.next(verdict), session)
        return .done
    }

    private func convertibleType(_ path: String) throws -> any ConvertibleRouter.Type {
        let type = Self.convertible.first { type in
            router.map { $0 == type.kind } ?? path.contains(type.kind)
        }
        guard let type else {
            throw UsageRefusal(
                message: router.map {
                    "'--from' does not read files of '\($0)'; it reads those of \(Self.convertibleKinds)."
                } ?? "Whose configuration is '\(path)'? Say it with --router.")
        }
        return type
    }

    private func configuration(_ path: String, _ world: World) throws -> String {
        do throws(FileFailure) {
            return String(decoding: try world.files.read(path, 1 << 20), as: UTF8.self)
        } catch {
            throw Failure(.refused, "Cannot read '\(path)': \(error.message).")
        }
    }

    private func refuseClash(_ plan: StartingPlan) throws {
        guard plan.blue == plan.green else { return }
        throw Failure(
            .refused, "Blue answers at \(plan.blue) already; green needs an address of its own.",
            hint: "Give it with --green.")
    }
}

/// A converted configuration in the working directory, where nobody uses it yet.
private struct Proposal {
    let type: any ConvertibleRouter.Type
    let wish: ConversionWish
    let conversion: Conversion
    let isGreenNamed: Bool

    var path: String { local(wish.path) }
    var difference: String { conversion.change.diff(of: wish.path) }

    var files: [(path: String, text: String)] {
        let pipeline = FirstPipeline(
            plan: conversion.plan, router: conversion.pipeline,
            errors: conversion.isCounting ? "router" : "probe",
            application: .own)
        return [
            (PipelineFiles.standardName, pipeline.text), (path, conversion.change.text),
            (local("change.diff"), difference),
        ] + conversion.files.map { (local($0.path), $0.text) }
    }

    func show(_ output: TerminalStream) {
        let shown = conversion.change.shownDiff(of: wish.path)
        for line in shown.split(whereSeparator: \.isNewline) { output.print("\(line)") }
        guard shown != difference else { return }
        output.print(
            "\("… is what may hold a secret; all of it is in \(local("change.diff")).", .dim)")
    }

    private func local(_ path: String) -> String { "\(type.kind)/\(Init.lastPart(path))" }

    /// What the proxy's own program says; it reads our files where they lie now, not where they will.
    func verdict(_ world: World) async -> String {
        let names = conversion.files.map { Init.lastPart($0.path) }.joined(separator: ", ")
        let shown = type.judging(path)[0] + (names.isEmpty ? "" : ", with \(names) in its place,")
        do throws(Failure) {
            let result = try await judge(world)
            guard result.ending != .exited(0) else { return "\(shown) accepts it" }
            let said = (result.errors + result.output).split(separator: "\n").suffix(5)
            return "\(shown) does NOT accept it: " + said.joined(separator: " ")
        } catch {
            return "not judged by \(shown): \(error.message)"
        }
    }

    private func judge(_ world: World) async throws(Failure) -> ProcessResult {
        let here = world.host.workingDirectory
        let text = conversion.change.text
        let own = (wish.path.hasPrefix("/") ? "" : "\(here)/") + wish.path
        let around = String(own[..<(own.lastIndex(of: "/") ?? own.startIndex)])
        let folder = type.folder(ofNamesIn: text, in: around) { path in
            // What cannot be looked at is not there, for us and for the proxy's program.
            ((try? world.files.status(path)) ?? nil) != nil
        }
        let judged = type.judged(text, from: folder)
        let whole = conversion.files.reduce(judged) { text, file in
            text.replacing(file.path, with: "\(here)/\(local(file.path))")
        }
        let copy = "\(here)/\(local("judged"))"
        do throws(FileFailure) {
            try world.files.replace(copy, Array(whole.utf8), 0o600)
        } catch {
            throw Failure(.refused, error.message)
        }
        defer {
            // A file too many, in the folder that was made a moment ago, is no failure.
            try? world.files.remove(copy)
        }
        let path = (world.host.environment("PATH") ?? "") + ":/usr/sbin:/usr/local/sbin"
        return try await world.processes.run(
            ProcessRequest(
                arguments: type.judging(copy), environment: ["PATH": path], timeout: .seconds(20)))
    }

    private var guess: [String] {
        guard !isGreenNamed, conversion.isGreenNew else { return [] }
        return [
            "green is to answer at \(conversion.plan.green), as no --green was given: where that is"
                + " wrong, begin again in an empty folder, with --green"
        ]
    }

    /// What a person does now, as lines.
    func next(_ verdict: String) -> [String] {
        ["the change: \(verdict)"] + conversion.notes + guess
            + conversion.folders.map { "install -d -m 755 \($0)" }
            + conversion.files.map { "install -m 644 \(local($0.path)) \($0.path)" }
            + [
                "cp -p \(wish.path) \(path).before", "cp \(path) \(wish.path)", conversion.loading,
                "edit 'public' and the deploy steps of \(PipelineFiles.standardName)",
                "bluegreen status      blue must be live and answer as before",
            ]
    }
}
