/// Turns the merged file into values and checks what no single setting can show.
struct PipelineDecoder {
    private let root: Section
    private let vocabulary: Vocabulary
    private var report: Report { root.report }

    init(root: Section, vocabulary: Vocabulary) {
        self.root = root
        self.vocabulary = vocabulary
    }

    /// What could be read: that a service without a name is a mistake was reported before.
    func pipeline(stage: String?) -> Pipeline {
        var pipeline = Pipeline(
            service: root.text("service") ?? "", stage: stage, colors: colors(), routers: routers(),
            constants: root.constants)
        pipeline.stages = root.node.stageNames
        pipeline.fleet = fleet(of: pipeline.routers.count)
        pipeline.entrance = root.section("public").flatMap(entrance)
        pipeline.release = root.section("release").map(release) ?? ReleaseSettings()
        pipeline.deploy = steps(root.sections("deploy"))
        pipeline.checks = StepReader.checks(root.sections("checks") ?? [], vocabulary, report)
        pipeline.switching = root.section("switch").map(switching) ?? SwitchSettings()
        pipeline.bake = root.section("bake").flatMap(bake)
        pipeline.rollsBackAutomatically = root.section("rollback")?.boolean("auto") ?? true
        pipeline.retire = root.section("retire").map(retire) ?? RetireSettings()
        checkEntrance(pipeline)
        checkProof(pipeline.switching)
        FleetCheck(root: root).check(pipeline.routers)
        checkBake(pipeline)
        CanaryReader(report: report).check(pipeline.switching.canary, against: pipeline.bake)
        return pipeline
    }

    // MARK: Where traffic goes

    func colors() -> [Color: ColorSettings] {
        guard let section = root.section("colors") else { return [:] }
        var colors: [Color: ColorSettings] = [:]
        for color in Color.allCases {
            guard let own = section.section(color.rawValue),
                let url = address("url", in: own, isBase: true)
            else { continue }
            colors[color] = ColorSettings(url: url)
        }
        checkDifference(of: colors, in: section)
        return colors
    }

    func routers() -> [RouterSettings] {
        if let section = root.section("router") {
            return router(section, named: nil).map { [$0] } ?? []
        }
        guard case .mapping(let entries)? = root.node["routers"]?.content else { return [] }
        return entries.compactMap { entry in
            let section = root.section(at: entry.value)
            return router(section, named: entry.key)
        }
    }

    private func router(_ section: Section, named name: String?) -> RouterSettings? {
        guard let kind = vocabulary.kind(in: section.node, .router),
            let own = section.section(kind)
        else { return nil }
        return RouterSettings(name: name ?? kind, kind: kind, section: own)
    }

    /// A quorum that is none counts as all.
    func fleet(of routers: Int) -> FleetRequirement {
        let count = root.section("fleet")?.section("require")?.integer("quorum")
        guard let count, FleetRequirement.isQuorum(count, of: routers) else { return .all }
        return .quorum(count)
    }

    func entrance(_ section: Section) -> PublicEntrance? {
        let url = address("url", in: section, isBase: false)
        let identity = section.section("identity").flatMap(identity)
        let connectTo = section.text("connectTo")
        if let connectTo, WebAddress.hostAndPort(connectTo) == nil {
            report.error(
                at: section.position(of: "connectTo"), "'connectTo' must be host:port",
                hint: "such as 127.0.0.1:8443")
        }
        section.checkHeaderNames(in: "headers")
        let headers = section.section("headers").map(writtenTexts) ?? [:]
        guard let url, let identity else { return nil }
        return PublicEntrance(
            url: url, identity: identity, caFile: section.place("caFile"), connectTo: connectTo,
            headers: headers)
    }

    private func identity(_ section: Section) -> Identity? {
        if let body = section.template("body") {
            if section.has("equals") {
                report.error(
                    at: section.position(of: "equals"), "'equals' cannot be used with 'body'",
                    hint: "'body' is itself what the answer must contain")
            }
            return Identity(place: .body, expected: body)
        }
        let expected =
            section.template("equals") ?? Template([.name("color")], at: section.position)
        if let path = section.text("json") {
            return Identity(place: .json(path), expected: expected)
        }
        return section.headerName("header").map { Identity(place: .header($0), expected: expected) }
    }

    /// As written, so that no secret gets into a record; filling them in once shows what is missing.
    private func writtenTexts(_ section: Section) -> [String: String] {
        guard case .mapping(let entries) = section.node.content else { return [:] }
        var texts: [String: String] = [:]
        for entry in entries where section.text(entry.key) != nil {
            texts[entry.key] = entry.value.text
        }
        return texts
    }

    private func address(_ key: String, in section: Section, isBase: Bool) -> String? {
        guard let text = section.text(key) else { return nil }
        do throws(WebAddress.Mistake) {
            if isBase { return try WebAddress.base(text) }
            _ = try WebAddress(text)
            return text
        } catch {
            report.error(
                at: section.position(of: key), "'\(key)' \(error.message)",
                hint: error == .credentials
                    ? "hand credentials over in a header, from ${env.NAME}" : nil)
            return nil
        }
    }

    private func checkDifference(of colors: [Color: ColorSettings], in section: Section) {
        guard let blue = colors[.blue], let green = colors[.green] else { return }
        // Both were read as addresses a moment ago, so neither is wrong here.
        guard let first = try? WebAddress(blue.url), let second = try? WebAddress(green.url),
            first == second, let node = section.node["green"]
        else { return }
        report.error(
            at: node["url"]?.position ?? node.position, "blue and green have the same address",
            hint: "each environment needs a direct address of its own")
    }

    // MARK: The way of a release

    private func release(_ section: Section) -> ReleaseSettings {
        ReleaseSettings(
            version: section.text("version"), artifact: section.template("artifact"),
            config: section.texts("config") ?? [])
    }

    private func steps(_ sections: [Section]?) -> [Step] {
        StepReader.steps(sections ?? [], vocabulary, report)
    }

    private func switching(_ section: Section) -> SwitchSettings {
        var settings = SwitchSettings()
        if let prove = section.section("prove") {
            settings.proof =
                prove.node.text == nil
                ? .probes(
                    consecutive: prove.integer("consecutive") ?? 20,
                    within: prove.positive("within") ?? .seconds(5)) : .readBack
        }
        if let capacity = section.section("capacity"), let ready = capacity.text("ready") {
            settings.readyShare = share(ready, at: capacity.position(of: "ready"))
        }
        if let drain = section.section("drain") {
            settings.drainTimeout = drain.duration("timeout") ?? settings.drainTimeout
            settings.closesOnRollback =
                drain.text("onRollback") == "close" ? drain.position(of: "onRollback") : nil
        }
        settings.readyFor = section.duration("readyFor") ?? settings.readyFor
        settings.preview = section.preview()
        settings.canary = CanaryReader(report: report).steps(section.sections("canary") ?? [])
        return settings
    }

    /// `>= 100% of live`
    private func share(_ text: String, at position: Position) -> Percent {
        let words = text.split(separator: " ").joined(separator: " ")
        if words.hasPrefix(">= "), words.hasSuffix(" of live"),
            let percent = Percent(written: String(words.dropFirst(3).dropLast(8))),
            percent.value <= 1000
        {
            return percent
        }
        report.error(at: position, "'ready' must be a share such as '>= 100% of live'")
        return Percent(100)
    }

    private func bake(_ section: Section) -> BakeSettings? {
        // Without it nothing is baked, but the mistakes in the metrics are still to be told.
        let duration = section.positive("for")
        var bake = BakeSettings(duration: duration ?? .zero)
        bake.position = section.position
        bake.interval = section.positive("interval") ?? bake.interval
        bake.minimumSamples = section.integer("minSamples") ?? bake.minimumSamples
        bake.noData = section.text("noData").flatMap(BakeSettings.NoData.init) ?? bake.noData
        bake.metrics = StepReader.metrics(section.sections("metrics") ?? [], vocabulary, report)
        return bake
    }

    private func retire(_ section: Section) -> RetireSettings {
        RetireSettings(
            after: section.duration("after") ?? .seconds(3600),
            steps: steps(section.sections("steps")))
    }

    // MARK: What belongs together

    /// Who asks one environment itself sees no switch.
    private func checkEntrance(_ pipeline: Pipeline) {
        guard let entrance = pipeline.entrance, entrance.connectTo == nil,
            let section = root.section("public"), let open = try? WebAddress(entrance.url)
        else { return }
        for color in Color.allCases {
            // Both were read as addresses before, so neither is wrong here.
            guard let url = pipeline.colors[color]?.url, let own = try? WebAddress(url),
                own.rest.isEmpty, own.host == open.host, own.port == open.port
            else { continue }
            report.error(
                at: section.position(of: "url"), "'public.url' is the address of \(color) itself",
                hint: "name the address through which the users come: the router's")
        }
    }

    private func checkProof(_ switching: SwitchSettings) {
        guard case .probes = switching.proof, !root.has("public") else { return }
        let position = root.node["switch"]?["prove"]?.position ?? root.position
        report.error(
            at: position, "a switch is proven through 'public', which is missing",
            hint: "add 'public', or `switch: {prove: readBack}` to believe the router alone")
    }

    private func checkBake(_ pipeline: Pipeline) {
        guard let bake = pipeline.bake, let section = root.section("bake") else { return }
        if bake.duration > pipeline.retire.after {
            let position = root.node["retire"]?["after"]?.position ?? section.position(of: "for")
            report.error(
                at: position, "the old environment would be retired before the bake ends",
                hint: "'retire.after' must be at least 'bake.for'")
        }
        if !section.has("metrics") || section.items("metrics")?.isEmpty == true {
            report.warning(
                at: section.position, "the bake watches nothing, so it always passes",
                hint: "add 'metrics'")
        }
        guard bake.duration > .zero else { return }
        for metric in bake.metrics where bake.interval * metric.failWhen.count > bake.duration {
            report.error(
                at: metric.section.position(of: "failWhen"),
                "the bake ends before \(metric.failWhen.count) samples are taken",
                hint: "make 'for' longer, or 'interval' shorter")
        }
    }
}
