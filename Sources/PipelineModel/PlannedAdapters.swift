extension Vocabulary {
    /// Adapters that are designed but that no catalogue has yet: naming one is answered with that.
    static let planned: [AdapterFamily: [String]] = [
        .router: [
            "haproxy", "nginx", "caddy", "apache", "envoy", "traefik", "kubernetes", "istio",
            "gatewayAPI", "alb", "route53", "beanstalk", "lambdaAlias", "cloudRun", "appEngine",
            "azureSlots", "frontDoor", "f5", "http", "exec", "symlink", "embedded",
        ],
        .deployer: ["run", "process"],
        .check: ["http", "run", "transaction", "cases"],
        .metric: ["router", "probe", "http", "run", "prometheus"],
    ]

    /// These adapters, and after them the planned ones that are not among them.
    var withPlanned: Vocabulary {
        var all = adapters
        for (family, kinds) in Self.planned {
            for kind in kinds where adapter(family, kind) == nil {
                let planned = AdapterDescription(kind, .anything, summary: "", isBuilt: false)
                all[family, default: []].append(planned)
            }
        }
        return Vocabulary(all)
    }

    /// Every key that may stand in one place: the adapters of `family`, what the adapters named
    /// there add, and what may stand beside any.
    func settings(
        of family: AdapterFamily, kinds: [String], beside: SettingsDescription
    ) -> SettingsDescription {
        let known = adapters[family] ?? []
        let own = known.filter { kinds.contains($0.kind) }.flatMap(\.companions.settings)
        let keys = known.map { adapter in
            Setting(
                adapter.kind, adapter.value, adapter.isBuilt ? .optional : .notBuiltYet,
                adapter.summary)
        }
        return SettingsDescription(keys + own + beside.settings)
    }
}
