import ArgumentParser
import Contracts
import PipelineModel

/// Which service: the flags that every verb understands.
struct PlaceOptions: ParsableArguments {
    @Option(
        name: [.customShort("f"), .customLong("file")],
        help: "A pipeline file; repeatable, later files override.",
        completion: .file(extensions: ["yaml", "yml"]))
    var files: [String] = []

    @Option(
        help: ArgumentHelp("The stage of the pipeline, such as production.", valueName: "name"))
    var stage: String?

    @Option(
        help: ArgumentHelp("The service, where no pipeline file can name it.", valueName: "name"))
    var service: String?

    @Option(
        name: .customLong("var"),
        help: ArgumentHelp("A value for ${var.KEY}; repeatable.", valueName: "key=value"),
        transform: Assignment.init)
    var variables: [Assignment] = []

    @Option(
        help: ArgumentHelp(
            "The folder of the record; default .bluegreen beside the pipeline file.",
            valueName: "folder"),
        completion: .directory)
    var state: String?

    /// All three become the name of a folder.
    func validate() throws {
        for (flag, name, example) in [
            ("--stage", stage, "production"), ("--service", service, "shop"),
        ] {
            guard let name, !ScalarCheck.isName(name) else { continue }
            throw ValidationError(
                "'\(name)' is no name for \(flag): letters, digits and ._- only, as in"
                    + " \(flag) \(example).")
        }
        // What follows the scheme may hold a password.
        guard let scheme = state.flatMap(Self.scheme) else { return }
        throw ValidationError(
            "A record at \(scheme):// is not built yet: --state takes a folder, as in"
                + " --state /var/lib/bluegreen.")
    }

    /// `s3` of `s3://records/shop`.
    private static func scheme(of text: String) -> Substring? {
        guard let end = text.firstRange(of: "://")?.lowerBound else { return nil }
        let scheme = text[..<end]
        guard scheme.first?.isLetter == true,
            scheme.allSatisfy({ $0.isLetter || $0.isNumber || "+-.".contains($0) })
        else { return nil }
        return scheme
    }
}

/// How a verb speaks.
struct OutputOptions: ParsableArguments {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("How to answer.", valueName: "format"))
    var format = Format.text

    @Flag(help: "No colour, as with NO_COLOR.")
    var noColor = false

    @Flag(name: .shortAndLong, help: "Only the answer, as short as it can be.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "More detail, where there is more.")
    var verbose = false

    @Flag(help: "Never ask; implied without a terminal or with CI=true.")
    var noInput = false
}

/// What the verbs that change something share.
struct RunOptions: ParsableArguments {
    /// For the help of the verbs that begin a run.
    static let jsonLines =
        "With '-o json' each event is one line of JSON as it happens, the outcome the last;"
        + " other verbs print one document."

    @Option(
        help: ArgumentHelp(
            "Stop the run after this long, such as 30m (exit 124).", valueName: "duration"),
        transform: { try Length($0, as: "--timeout 30s") })
    var timeout: Length?

    @Option(help: ArgumentHelp("Why; kept in the record.", valueName: "text"))
    var reason: String?

    @Flag(help: "Show what would be done and stop.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "Do not ask; yes to everything that would be asked.")
    var yes = false
}

/// What the verbs that wait for others share.
struct WaitOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Wait this long for another run to end, such as 10m; default not at all.",
            valueName: "duration"),
        transform: { try Length($0, as: "--lock-timeout 10m", orZero: true) })
    var lockTimeout: Length?
}

/// What the verbs that wait for others, and trust the record, share.
struct ForwardOptions: ParsableArguments {
    @OptionGroup var waiting: WaitOptions

    @Flag(help: "Accept the colour that the router shows as the truth.")
    var adopt = false

    var lockTimeout: Length? { waiting.lockTimeout }
}

/// `key=value`
struct Assignment {
    let key: String
    let value: String

    init(_ written: String) throws(ValidationError) {
        guard let equals = written.firstIndex(of: "="), equals != written.startIndex else {
            throw ValidationError("a name, '=' and a value, as in --var region=eu")
        }
        key = String(written[..<equals])
        value = String(written[written.index(after: equals)...])
    }
}

/// `30s`, `10m`
struct Length {
    let duration: Duration

    /// `example` is what a person is shown who wrote it differently.
    init(_ written: String, as example: String, orZero: Bool = false) throws(ValidationError) {
        guard let duration = Duration(written: written), orZero || duration > .zero else {
            let number = orZero ? "a number" : "a number above 0"
            throw ValidationError("\(number) with its unit (ms, s, m, h, d), as in \(example)")
        }
        // What it ends with is a date of four digits.
        guard duration <= ScalarCheck.longest else { throw ValidationError("at most 365d") }
        self.duration = duration
    }
}

extension Color: ExpressibleByArgument {}

// The library would find these words by describing each value, at every start.
extension ExpressibleByArgument where Self: CaseIterable & RawRepresentable<String> {
    static var allValueStrings: [String] { allCases.map(\.rawValue) }
    static var allValueDescriptions: [String: String] { [:] }
}
