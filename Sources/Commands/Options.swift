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

    @Option(help: "The stage of the pipeline, such as production.")
    var stage: String?

    @Option(help: "The service, where no pipeline file can name it.")
    var service: String?

    @Option(
        name: .customLong("var"),
        help: ArgumentHelp("A value for ${var.KEY}; repeatable.", valueName: "key=value"))
    var variables: [Assignment] = []

    @Option(
        help: "The folder of the record; default .bluegreen beside the pipeline file.",
        completion: .directory)
    var state: String?

    /// Both become the name of a folder.
    func validate() throws {
        for name in [stage, service].compactMap(\.self) where !ScalarCheck.isName(name) {
            throw ValidationError(
                "'\(name)' cannot name a service or a stage: letters, digits and ._- only.")
        }
    }
}

/// How a verb speaks.
struct OutputOptions: ParsableArguments {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    @Option(name: [.customShort("o"), .customLong("output")], help: "text or json.")
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
    @Option(help: "Stop the run after this long (exit 124).")
    var timeout: Length?

    @Option(help: "Why; kept in the record.")
    var reason: String?

    @Flag(help: "Show what would be done and stop.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "Do not ask; yes to everything that would be asked.")
    var yes = false
}

/// What the verbs that wait for others share.
struct WaitOptions: ParsableArguments {
    @Option(help: "Wait this long for another run to end (default: not at all).")
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
struct Assignment: ExpressibleByArgument {
    let key: String
    let value: String

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else {
            return nil
        }
        key = String(argument[..<equals])
        value = String(argument[argument.index(after: equals)...])
    }
}

/// `30s`, `10m`
struct Length: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        guard let duration = Duration(written: argument) else { return nil }
        self.duration = duration
    }
}

extension Color: ExpressibleByArgument {}

// The library would find these words by describing each value, at every start.
extension ExpressibleByArgument where Self: CaseIterable & RawRepresentable<String> {
    static var allValueStrings: [String] { allCases.map(\.rawValue) }
    static var allValueDescriptions: [String: String] { [:] }
}
