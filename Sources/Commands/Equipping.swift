import Checks
import Contracts
import Deployers
import PipelineModel
import Routers
import RunEngine

/// Makes the adapters that a pipeline names.
struct Equipping {
    private let pipeline: Pipeline
    private let world: World

    init(_ pipeline: Pipeline, world: World) {
        self.pipeline = pipeline
        self.world = world
    }

    struct Adapters {
        var deploy: [RunEquipment.DeployStep]
        var checks: [RunEquipment.CheckedStep]
        var retire: [RunEquipment.DeployStep]
        var metrics: [RunEquipment.Metric]
    }

    /// Mistakes that only an adapter can see go into the report of its section.
    func allAdapters() -> Adapters {
        checkClosing()
        let deploy = deployers(pipeline.deploy)
        let hosts = hosts(deploy)
        return Adapters(
            deploy: deploy.map { RunEquipment.DeployStep(step: $0.step, deployer: $0.deployer) },
            checks: pipeline.checks.compactMap { settings in
                CheckCatalog.make(settings.step.kind, settings.step.section, world: world).map {
                    RunEquipment.CheckedStep(settings: settings, check: $0)
                }
            },
            retire: deployers(pipeline.retire.steps).map {
                refuse($0.deployer, toRetire: $0.step)
                return RunEquipment.DeployStep(step: $0.step, deployer: $0.deployer)
            } + hosts.map { RunEquipment.DeployStep(ending: $0.step, $0.host) },
            metrics: (pipeline.bake?.metrics ?? []).compactMap { settings in
                MetricCatalog.make(settings.kind, settings.section, world: world).map {
                    RunEquipment.Metric(settings: settings, source: $0)
                }
            })
    }

    /// Whether a step keeps something running; the pipeline was found to be without mistakes.
    var isHosting: Bool { !hosts(deployers(pipeline.deploy)).isEmpty }

    /// Steps that end what an earlier pipeline left on `color`; none where a step of this one does.
    func endings(on color: Color, in stateFolder: String) -> [RunEquipment.DeployStep] {
        guard !isHosting else { return [] }
        let hosts = DeployerCatalog.hosts(world)
        return hosts.filter { $0.observe(color, in: stateFolder) != nil }.map { host in
            let nothing = Node(.mapping([]), at: Position(file: "", line: 1, column: 1))
            let section = Section(nothing, constants: pipeline.constants, report: Report())
            return RunEquipment.DeployStep(
                ending: Step(name: "what ran before", kind: "", section: section), host)
        }
    }

    private func deployers(_ steps: [Step]) -> [(step: Step, deployer: any Deployer)] {
        steps.compactMap { step in
            DeployerCatalog.make(step.kind, step.section, world: world).map { (step, $0) }
        }
    }

    /// What they keep running is remembered by colour: there can be one.
    private func hosts(
        _ steps: [(step: Step, deployer: any Deployer)]
    ) -> [(step: Step, host: any HostingDeployer)] {
        let hosts = steps.compactMap { step, deployer in
            (deployer as? any HostingDeployer).map { (step: step, host: $0) }
        }
        for (step, _) in hosts.dropFirst() {
            step.section.report.error(
                at: step.section.position, "only one step may keep something running",
                hint: "start a second program with 'run', under a supervisor such as systemd")
        }
        return hosts
    }

    private func refuse(_ deployer: any Deployer, toRetire step: Step) {
        guard deployer is any HostingDeployer else { return }
        step.section.report.error(
            at: step.section.position, "'\(step.kind)' belongs into 'deploy'",
            hint: "'retire' ends what it started by itself")
    }

    /// A metric that the router counts needs a router that counts it.
    func checkMetrics(against routers: [RouterID: any Router]) {
        for metric in pipeline.bake?.metrics ?? [] where metric.kind == "router" {
            guard let wanted = metric.section.text("router"),
                let name = RouterMetricName(rawValue: wanted)
            else { continue }
            for settings in pipeline.routers {
                guard let router = routers[RouterID(settings.name)] else { continue }
                let couldCount = RouterCatalog.metrics(of: settings.kind).contains(name)
                if couldCount, router.meter != nil { continue }
                metric.section.report.error(
                    at: metric.section.position(of: "router"),
                    "\(settings.kind) does not count \(wanted)",
                    hint: couldCount
                        ? "docs/routers/\(settings.kind).md says with which setting it does;"
                            + " or measure it with `probe:`"
                        : "measure it with `probe:` instead; `prometheus:` is not built yet")
            }
        }
    }

    /// A rollback that closes connections needs a router that can.
    private func checkClosing() {
        guard let position = pipeline.switching.closesOnRollback else { return }
        for router in pipeline.routers where !RouterCatalog.closesTunnels(router.kind) {
            router.section.report.error(
                at: position, "\(router.kind) cannot close the tunnels to one colour",
                hint: "leave `onRollback` out: they stay until they end by themselves")
        }
    }

    /// How to prove a switch from outside, with everything filled in that is known now.
    ///
    /// `recorded` is what the last run went by: it may have learned what an unknown release answers.
    func entrance(releases: [Color: Release], recorded: Entrance?) -> Entrance? {
        guard let entrance = pipeline.entrance,
            case .probes(let consecutive, let within) =
                pipeline.switching.proof
        else { return nil }
        let place = Entrance.Place(entrance.identity.place)
        var expected: [Color: String] = [:]
        for color in Color.allCases {
            var values = ["color": color.rawValue, "url": pipeline.colors[color]?.url ?? ""]
            values["version"] = releases[color]?.version
            values["release.version"] = values["version"]
            let substitutes = Substitutes(values, constants: pipeline.constants)
            // A colour whose release is not known cannot be recognised, and need not be.
            expected[color] = try? entrance.identity.expected.filled(substitutes)
            if expected[color] == nil, recorded?.place == place {
                expected[color] = recorded?.expected[color]
            }
        }
        return Entrance(
            url: entrance.url, place: place, expected: expected,
            caFile: entrance.caFile.map(world.host.wholePath(to:)), connectTo: entrance.connectTo,
            headers: entrance.headers, consecutive: consecutive, within: within,
            direct: pipeline.colors.mapValues(\.url))
    }
}

extension Entrance.Place {
    init(_ place: Identity.Place) {
        self =
            switch place {
            case .header(let name): .header(name)
            case .json(let path): .json(path)
            case .body: .body
            }
    }
}

extension Workplace {
    /// Why traffic could not be moved as the pipeline says, found before anything is deployed for it.
    func switchFailure(_ live: Color, _ situation: Situation) async -> Failure? {
        if let failure = situation.targetFailure ?? shareFailure(situation) { return failure }
        return await publicFailure(live)
    }

    /// Why nothing at the public address could show a switch; `nil` where nothing runs yet.
    func publicFailure(_ live: Color) async -> Failure? {
        guard let identity else { return nil }
        let look = LiveIdentity(identity, live: live)
        if let failure = await look.failure() { return failure }
        return await look.silence()
    }

    /// That what is live answers users, but not where the pipeline has it: a rollback asks there.
    func misplaced(_ live: Color) async -> String? {
        guard let identity else { return nil }
        guard let own = await identity.askDirectly(live, timeout: .seconds(2)), !own.isServed,
            !own.isUnresolved, await identity.askPublic(timeout: .seconds(2)).isServed
        else { return nil }
        let url = pipeline.colors[live]?.url ?? ""
        return "The public address answers, but \(live) does not at its own, \(url)"
            + " (\(StatusWords.answer(own.kind))): a rollback to it would be refused. Check"
            + " colors.\(live).url."
    }

    /// Where the pipeline has a canary: why a router could not keep its share.
    func shareFailure(_ situation: Situation) -> Failure? {
        guard !pipeline.switching.canary.isEmpty else { return nil }
        return situation.observations.sorted { $0.key < $1.key }.lazy
            .compactMap(\.value.sharesNothing).first
    }

    /// Without a release only what no version decides is expected: another version is no mistake.
    var identity: Prober? {
        let entrance = Equipping(pipeline, world: world).entrance(releases: [:], recorded: nil)
        return entrance.map {
            Prober(entrance: $0, world: world, constants: pipeline.constants)
        }
    }

    /// Everything a run of this pipeline works with.
    func equipment(for situation: Situation, release: Release?, target: Color) -> RunEquipment {
        let equipping = Equipping(pipeline, world: world)
        let adapters = equipping.allAdapters()
        var releases = situation.record.releases
        if let release { releases[target] = release }
        var equipment = RunEquipment(
            world: world, routers: routers, recipes: recipes, constants: pipeline.constants,
            entrance: equipping.entrance(
                releases: releases, recorded: situation.record.entrance),
            colors: pipeline.colors.mapValues(\.url))
        equipment.requirement = pipeline.fleet
        equipment.behind = Set(situation.behind.keys)
        equipment.releases = releases
        equipment.deploy =
            equipping.endings(on: target, in: store.location) + adapters.deploy
        equipment.checks = adapters.checks
        equipment.retire =
            adapters.retire + equipping.endings(on: target.other, in: store.location)
        equipment.metrics = adapters.metrics
        equipment.switching = pipeline.switching
        equipment.bake = pipeline.bake
        equipment.directory = directory
        equipment.stateFolder = store.location
        let reader = ReleaseReader(self)
        equipment.seal = { release throws(Failure) in try await reader.sealed(release) }
        return equipment
    }
}
