import PipelineModel

/// A small vocabulary and the shortest ways from text to a reading.
enum Sample {
    static let vocabulary = Vocabulary([
        .router: [
            AdapterDescription("haproxy", .section(haproxy), summary: "HAProxy."),
            AdapterDescription(
                "exec",
                .section(
                    SettingsDescription([
                        Setting("write", .command, .required, "Moves the traffic."),
                        Setting("read", .command, .required, "Asks where it goes."),
                    ])), summary: "Own commands."),
        ],
        .deployer: [AdapterDescription("run", .command, summary: "A command.")],
        .check: [
            AdapterDescription(
                "http", .text(.template), companions: SettingsDescription([expect]),
                summary: "One request."),
            AdapterDescription("run", .command, summary: "A command."),
            AdapterDescription(
                "transaction", .list(.anything), summary: "Requests in order."),
        ],
        .metric: [
            AdapterDescription("router", .choice(["errorRate"]), summary: "The router's count."),
            AdapterDescription("probe", .choice(["errors", "p95"]), summary: "Own requests."),
        ],
    ])

    private static let haproxy = SettingsDescription([
        Setting("socket", .text(.fixed), .required, "The runtime socket."),
        Setting("map", .text(.fixed), .optional, "The map file."),
        Setting("key", .text(.fixed), .optional, "The key in it."),
        Setting("port", .integer(1...65535), .optional, "A port."),
    ])

    private static let expect = Setting(
        "expect",
        .section(
            SettingsDescription([
                Setting("status", .integer(100...599), .optional, "The status."),
                Setting("json", .anything, .optional, "Values."),
                Setting("maxLatency", .duration, .optional, "The latency."),
            ])), .optional, "What the answer must be.")

    /// The least a pipeline needs.
    static let minimal = """
        apiVersion: bluegreen/v1
        service: shop
        colors:
          blue: {url: "http://127.0.0.1:8081"}
          green: {url: "http://127.0.0.1:8082"}
        router:
          haproxy: {socket: /run/haproxy.sock}
        switch: {prove: readBack}

        """

    static func read(
        _ texts: String..., stage: String? = nil, constants: Constants = Constants(),
        report: Report = Report()
    ) throws(InvalidPipeline) -> Pipeline {
        let sources = texts.enumerated().map { place, text in
            (file: place == 0 ? "bluegreen.yaml" : "over\(place).yaml", bytes: Array(text.utf8))
        }
        return try PipelineReader.read(
            sources, stage: stage, vocabulary: vocabulary, constants: constants, report: report)
    }

    /// Everything that is said about `minimal` with `lines` after it.
    static func mistakes(adding lines: String, constants: Constants = Constants()) -> [String] {
        mistakes(in: minimal + lines, constants: constants)
    }

    static func mistakes(in text: String, constants: Constants = Constants()) -> [String] {
        diagnostics(in: text, constants: constants).map(\.description)
    }

    static func diagnostics(
        in text: String, constants: Constants = Constants()
    ) -> [Diagnostic] {
        let report = Report()
        do throws(InvalidPipeline) {
            _ = try read(text, constants: constants, report: report)
            return report.diagnostics
        } catch {
            return error.diagnostics
        }
    }

    /// Messages without file and position.
    static func messages(adding lines: String, constants: Constants = Constants()) -> [String] {
        diagnostics(in: minimal + lines, constants: constants).map(\.message)
    }
}
