package import Contracts
package import PipelineModel

/// Traefik, switched by renaming a file of its file provider, and asked through its API.
///
/// Traefik takes up a new file a moment later: at once where `providersThrottleDuration` is small, after
/// two seconds where it is not set.
package struct TraefikRouter: Router {
    package static let kind = "traefik"
    package static let mayShareTraffic = true
    package static let summary =
        "Traefik: one file of its file provider, renamed, and read back through its API."
    package static let settings = SettingsDescription([
        Setting(
            "file", .text(.fixed), .required,
            "The file that bluegreen writes, in the folder that Traefik watches."),
        Setting(
            "api", .text(.fixed), .required,
            "Where Traefik answers its API: http://127.0.0.1:8099."),
        Setting(
            "name", .text(.fixed), .required,
            "'shop' means the services shop-live, shop-blue and shop-green."),
    ])

    /// How long a write waits for Traefik, and how many looks it takes at least, where each takes long,
    /// and at most; who asks later may see it later.
    private static let patience = Duration.seconds(1)
    private static let looks = 30...100
    private static let pause = Duration.milliseconds(10)

    /// Traefik decides when it reads the file.
    package let fencing = Fencing.asynchronous
    package let abilities = RouterAbilities.valuePerRequest(
        showsDrain: false, isDurable: true, routesTesters: true, sharesTraffic: true)
    private let file: TraefikFile
    private let api: TraefikAPI
    private let world: World

    package init?(_ settings: Section, world: World) {
        let read = settings.readingAlone { Self.read($0, world) }
        guard let (file, api) = read else { return nil }
        (self.file, self.api, self.world) = (file, api, world)
    }

    package var address: String { file.path }
    package func believed() async -> Set<RouterAbilities.Believed> { [.testers] }
    package var firstValue: String {
        "Install the first \(file.path), as 'bluegreen init --router traefik' writes it:"
            + " docs/routers/traefik.md."
    }

    package var slowedBy: String? {
        "compare 'providersThrottleDuration' with docs/routers/traefik.md: every switch takes as long"
    }

    package var cold: (any ColdStart)? { TraefikStart(file: file, page: api.page) }

    package func observe() async throws(Failure) -> Observation {
        let later = await file.look()
        var shown = try await api.shown()
        // What was written a moment ago may not be taken up yet.
        for _ in 1...10 where shown != later.kept && later.kept != nil {
            await world.time.sleep(Self.pause)
            shown = try await api.shown()
        }
        return Observation(
            effective: shown.sighting, durable: later.durable(beside: shown), token: shown.token,
            isIdleClaimed: shown.isIdleClaimed)
    }

    package func write(_ datum: Datum, expecting: Observation) async -> WriteResult {
        if let seen = expecting.token, seen > datum.token { return .refusedStale(seen) }
        do throws(Failure) {
            for color in datum.idlePercent == nil ? [datum.live] : Color.allCases {
                guard try await api.hasService(for: color) else { throw targetMissing(color) }
            }
            let lock = try await file.lock()
            defer { lock.release() }
            if let held = try file.kept().token(before: datum) { return .refusedStale(held) }
            return await put(datum)
        } catch {
            return .notApplied(error)
        }
    }

    // MARK: - Writing

    private func put(_ datum: Datum) async -> WriteResult {
        var trouble: Failure?
        do throws(FileFailure) {
            try file.put(datum)
        } catch {
            // The file itself says what came of the write.
            guard await file.look().kept?.datum == datum else {
                return .notApplied(file.unchangeable(error))
            }
            trouble = notFlushed(error)
        }
        let began = world.time.now()
        do throws(Failure) {
            for look in 1...Self.looks.upperBound
            where look <= Self.looks.lowerBound || world.time.now() - began < Self.patience {
                if try await api.shown().datum == datum {
                    return trouble.map(WriteResult.appliedNotDurable) ?? .applied
                }
                await world.time.sleep(Self.pause)
            }
        } catch {
            return .unknown(error)
        }
        return .unknown(notTakenUp(after: world.time.now() - began))
    }

    private func targetMissing(_ color: Color) -> Failure {
        Failure(
            .routerTargetMissing,
            "Traefik has no service \(file.name)-\(color) in its file provider.",
            hint: "Define it beside 'name: \(file.name)', or mend that name in the pipeline.")
    }

    private func notFlushed(_ failure: FileFailure) -> Failure {
        Failure(
            .routerNotDurable, "\(file.path) was changed, but not flushed to disk.",
            evidence: [failure.message], hint: "A power cut now may return to the old value.")
    }

    private func notTakenUp(after waited: Duration) -> Failure {
        Failure(
            .routerRefused,
            "Traefik has not taken up \(file.path) after \(Wording.length(waited)) (see 'watch' and"
                + " 'providersThrottleDuration' in docs/routers/traefik.md).")
    }
}

extension TraefikRouter: MeteredRouter {
    package static let metrics: [RouterMetricName] = [.errorRate, .requestRate]

    /// Traefik counts what a service answered by status; that it could not reach it is 502 or 504.
    package func counters() async throws(Failure) -> [Color: TrafficCounters] {
        let page = try await api.metrics()
        guard let samples = PrometheusSample.all(of: "traefik_service_requests_total", in: page),
            samples.allSatisfy({ (0...1e15).contains($0.value) })
        else { throw api.page.garbled("is no Prometheus text", Array(page.utf8)) }
        return Dictionary(
            uniqueKeysWithValues: Color.allCases.map { color in
                let own = samples.filter { $0.labels["service"] == "\(file.name)-\(color)@file" }
                let failed = own.filter { $0.labels["code"]?.hasPrefix("5") == true }
                return (color, TrafficCounters(requests: own.total, errors: failed.total))
            })
    }
}

extension TraefikRouter {
    /// Reads everything before it gives up, so that all mistakes show at once.
    private static func read(_ settings: Section, _ world: World) -> (TraefikFile, TraefikAPI)? {
        let path = settings.path("file")
        let api = settings.adminAddress("api", example: "http://127.0.0.1:8099")
        let name = settings.name("name")
        if let path, !path.hasPrefix("/") || ![".yml", ".yaml"].contains(where: path.hasSuffix) {
            settings.report.error(
                at: settings.position(of: "file"),
                "'file' is not the absolute path of a .yml or .yaml file",
                hint: "write it like /etc/traefik/dynamic/shop-live.yml")
            return nil
        }
        guard let path, let api, let name else { return nil }
        let page = AdminPage(
            proxy: "Traefik", manual: kind, setting: "api", address: api, streams: world.streams)
        return (
            TraefikFile(path: path, name: name, world: world), TraefikAPI(page: page, name: name)
        )
    }
}

extension [PrometheusSample] {
    fileprivate var total: Int { Int(reduce(0) { $0 + $1.value }) }
}

/// What one look at the file shows.
private struct TraefikFileSight {
    /// Absent where the file cannot be read.
    let kept: KeptDatum?
    let why: String

    func durable(beside shown: KeptDatum) -> Observation.Durable {
        guard let kept else { return .unknown(why) }
        return kept == shown ? .same : .differs(kept.sighting)
    }
}

extension TraefikFile {
    fileprivate func look() async -> TraefikFileSight {
        do throws(Failure) {
            return TraefikFileSight(kept: try kept(), why: "")
        } catch {
            return TraefikFileSight(kept: nil, why: error.message)
        }
    }
}
