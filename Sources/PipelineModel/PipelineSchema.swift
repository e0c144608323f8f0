/// The whole language of the pipeline file; reader, JSON Schema and reference come from it.
package enum PipelineSchema {
    /// The file, with every setting that is designed, built or not.
    package static let root = SettingsDescription(
        [
            Setting(
                "apiVersion", .choice(["bluegreen/v1"]), .required,
                "The version of this language: bluegreen/v1.")
        ] + body + [
            Setting(
                "stages", .named(.partial(.section(layer))), .optional,
                "Overlays, merged over the rest and chosen by --stage.")
        ], exactlyOneOf: oneRouter)

    /// What a stage may say.
    private static let layer = SettingsDescription(body, exactlyOneOf: oneRouter)

    private static let oneRouter = ["router", "routers"]

    private static let body: [Setting] = [
        Setting("service", .name, .required, "The thing with one public address."),
        Setting(
            "colors", .section(colors), .required,
            "The two environments and their direct addresses."),
        Setting(
            "router", .adapter(.router, beside: SettingsDescription()), .optional,
            "What decides where production traffic goes."),
        Setting(
            "routers", .named(.adapter(.router, beside: SettingsDescription())), .optional,
            "Several routers that switch together, all or nothing, by name."),
        Setting(
            "fleet", .section(fleet), .optional,
            "What a switch does where not every one of the routers can be reached."),
        Setting(
            "public", .section(entrance), .optional,
            "How a switch is proven from the user's side."),
        Setting("release", .section(release), .optional, "What is deployed."),
        Setting(
            "deploy", .list(.adapter(.deployer, beside: step)), .optional,
            "Steps that bring the release to the idle environment."),
        Setting("parity", .anything, .notBuiltYet, "What may differ between blue and green."),
        Setting("migrations", .anything, .notBuiltYet, "Changes to data, before and after."),
        Setting(
            "checks", .list(.adapter(.check, beside: check)), .optional,
            "Questions about the idle environment, asked side by side before the switch; the first"
                + " that fails ends the others."),
        Setting("gate", .anything, .notBuiltYet, "A person's yes or no."),
        Setting(
            "switch", .section(switching), .optional, "Moving the traffic, and the proof of it."),
        Setting(
            "bake", .section(bake), .optional,
            "Watching the new live environment against thresholds."),
        Setting("rollback", .section(rollback), .optional, "Going back."),
        Setting("retire", .section(retire), .optional, "Stopping the old environment."),
        Setting("notify", .anything, .notBuiltYet, "Whom to tell."),
    ]

    private static let fleet = SettingsDescription([
        Setting(
            "require", .either(["all"], .section(quorum)), .standard("all"),
            "How many routers must be reachable before a switch.")
    ])

    private static let quorum = SettingsDescription([
        Setting(
            "quorum", .integer(1...1000), .required,
            "At least so many, more than half; those that are unreachable are left out and named.")
    ])

    private static let colors = SettingsDescription([
        Setting("blue", .section(color), .required, "The blue environment."),
        Setting("green", .section(color), .required, "The green environment."),
    ])

    private static let color = SettingsDescription([
        Setting("url", .text(.fixed), .required, "Its direct address, http or https.")
    ])

    private static let entrance = SettingsDescription([
        Setting("url", .text(.fixed), .required, "What is asked through the public address."),
        Setting(
            "identity", .section(identity), .required,
            "How the answer of the application says which environment gave it."),
        Setting(
            "caFile", .text(.fixed), .optional,
            "A PEM file with the authorities to trust instead of the system's; a relative path"
                + " starts at the folder of the first pipeline file."),
        Setting(
            "connectTo", .text(.fixed), .optional,
            "host:port to connect to; name and certificate stay those of the address."),
        Setting("headers", .named(.text(.fixed)), .optional, "Headers to send along."),
    ])

    private static let identity = SettingsDescription(
        [
            Setting("header", .text(.fixed), .optional, "The name of a header of the answer."),
            Setting("json", .jsonPath, .optional, "A path into the JSON of the answer."),
            Setting("body", .text(.template), .optional, "Text that the body must contain."),
            Setting(
                "equals", .text(.template), .standard("${color}"),
                "What the header or the JSON value must be."),
        ], exactlyOneOf: ["header", "json", "body"])

    private static let release = SettingsDescription([
        Setting(
            "version", .text(.fixed), .optional,
            "The version where `deploy VERSION` and BLUEGREEN_VERSION do not say it."),
        Setting(
            "artifact", .text(.template), .optional,
            "What is deployed; its digest is recorded where it can be resolved."),
        Setting(
            "config", .list(.text(.fixed)), .optional,
            "Files whose digest belongs to the release, as patterns such as deploy/*.env."),
    ])

    /// What may stand beside the adapter of any step.
    package static let step = SettingsDescription([
        Setting(
            "name", .text(.fixed), .optional, "What the step is called in messages and records."),
        Setting("env", .named(.text(.template)), .optional, "Environment variables to set."),
        Setting(
            "passEnv", .list(.text(.fixed)), .optional,
            "Environment variables to hand over, beside PATH, HOME, USER, LANG, TERM and TMPDIR."),
        Setting(
            "directory", .text(.fixed), .optional,
            "The directory to work in; a relative one starts beside the first pipeline file."),
        Setting("timeout", .duration, .standard("10m"), "How long the whole step may take."),
        Setting("retries", .section(retries), .optional, "How often to try again."),
        Setting(
            "idempotent", .boolean, .standard("true"),
            "Whether repeating the step is harmless. Where it is not, `retries` are refused, and"
                + " `resume` runs one that had begun only after a yes (`-y`)."),
    ])

    /// What may stand beside the adapter of a check.
    package static let check = SettingsDescription(
        step.settings.filter { $0.name != "retries" && $0.name != "idempotent" } + [
            Setting("interval", .duration, .standard("1s"), "Time between two tries."),
            Setting(
                "consecutive", .integer(1...10_000), .standard("1"), "Good answers in a row needed."
            ),
            Setting("requestTimeout", .duration, .standard("5s"), "How long one answer may take."),
        ])

    private static let retries = SettingsDescription([
        Setting("attempts", .integer(1...100), .standard("1"), "Tries in all."),
        Setting("delay", .duration, .standard("1s"), "Time between two tries."),
    ])

    private static let switching = SettingsDescription([
        Setting(
            "prove", .either(["readBack"], .section(proof)), .optional,
            "How a switch is believed; `readBack` asks only the router."),
        Setting(
            "capacity", .section(capacity), .optional,
            "What idle must have before it may receive production."),
        Setting("drain", .section(drain), .optional, "Letting requests under way finish."),
        Setting(
            "readyFor", .duration, .standard("30m"),
            "How long passed checks of a release stay good for `switch`."),
        Setting(
            "canary", .list(.section(canary)), .optional,
            "Shares of the traffic that go to the new environment first, each watched by the bake's"
                + " metrics; without it a switch is one step."),
        Setting(
            "preview", .section(preview), .optional,
            "Sends requests with this header or cookie to the idle environment."),
    ])

    private static let canary = SettingsDescription([
        Setting("weight", .percent, .required, "The share: 1% to 99%, in whole percent."),
        Setting("for", .duration, .required, "How long it is watched."),
    ])

    private static let preview = SettingsDescription(
        [
            Setting("header", .text(.fixed), .optional, "The name of a header of the request."),
            Setting("cookie", .text(.fixed), .optional, "The name of a cookie of the request."),
            Setting("equals", .text(.fixed), .required, "What it must be."),
        ], exactlyOneOf: ["header", "cookie"])

    private static let proof = SettingsDescription([
        Setting(
            "consecutive", .integer(1...10_000), .standard("20"),
            "Answers in a row, each on a fresh connection, that carry the new identity."),
        Setting("within", .duration, .standard("5s"), "How long that may take."),
    ])

    private static let capacity = SettingsDescription([
        Setting(
            "ready", .text(.fixed), .standard(">= 100% of live"),
            "Servers up on idle, as a share of those up on live.")
    ])

    private static let drain = SettingsDescription([
        Setting("timeout", .duration, .standard("30s"), "How long requests under way may take."),
        Setting(
            "onRollback", .choice(["keep", "close"]), .standard("keep"),
            "What a rollback does with the tunnels (WebSockets) to the colour that is left."),
    ])

    private static let bake = SettingsDescription([
        Setting("for", .duration, .required, "How long to watch."),
        Setting("interval", .duration, .standard("1s"), "Time between two samples."),
        Setting(
            "minSamples", .integer(0...1_000_000_000), .standard("0"),
            "Requests of users on the new environment before the bake can pass; where no router "
                + "counts, our own."),
        Setting(
            "noData", .choice(["hold", "fail"]), .standard("hold"),
            "Without data: hold the clock, at twice the time inconclusive; or fail."),
        Setting(
            "metrics", .list(.adapter(.metric, beside: metric)), .optional, "What is watched."),
    ])

    /// What may stand beside the adapter of a metric.
    package static let metric = SettingsDescription([
        Setting("name", .text(.fixed), .optional, "What the metric is called."),
        Setting(
            "pass", .oneOrMany(.threshold), .required, "The bounds that every sample must keep."),
        Setting(
            "failWhen", .countOf, .standard("3 of 5"),
            "So many bad samples out of the last so many conclusive ones fail the bake."),
        Setting("timeout", .duration, .standard("5s"), "How long one sample may take."),
    ])

    private static let rollback = SettingsDescription([
        Setting(
            "auto", .boolean, .standard("true"),
            "Whether a failed bake goes back by itself, when the old environment is better.")
    ])

    private static let retire = SettingsDescription([
        Setting(
            "after", .duration, .standard("1h"),
            "How long the old environment stays warm after the switch."),
        Setting(
            "steps", .list(.adapter(.deployer, beside: step)), .optional,
            "Steps that stop the old environment."),
    ])
}
