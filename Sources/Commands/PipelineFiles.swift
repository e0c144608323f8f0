import Contracts
import PipelineModel

/// Finds and reads the pipeline files that the flags, or the working directory, name.
struct PipelineFiles {
    static let standardName = "bluegreen.yaml"
    static let largest = 1 << 20

    let names: [String]
    let constants: Constants
    private let place: PlaceOptions
    private let world: World

    init(_ place: PlaceOptions, in session: Session) {
        self.place = place
        world = session.world
        names = place.files.isEmpty ? [Self.standardName] : place.files
        constants = Constants(
            variables: Dictionary(
                place.variables.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }),
            environment: session.world.host.environment)
        session.secrets.watch(constants)
    }

    func read() throws(Failure) -> [PipelineReader.Source] {
        var sources: [PipelineReader.Source] = []
        for name in names { sources.append((name, try read(name))) }
        // Every `${env.X}` of the files is a secret from the start: a tool may print its value before
        // the program itself needs it.
        for name in Self.environmentNames(in: sources) { _ = constants["env." + name] }
        return sources
    }

    /// The variables that the files ask for.
    static func environmentNames(in sources: [PipelineReader.Source]) -> [String] {
        let opening = Array("${env.".utf8)
        return sources.flatMap { source in
            var names: [String] = []
            var rest = source.bytes[...]
            while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
                let isOpening = rest[dollar...].starts(with: opening)
                rest = rest[(dollar + 1)...]
                guard isOpening else { continue }
                let name = rest.dropFirst(opening.count - 1).prefix {
                    $0 != UInt8(ascii: "}") && $0 != UInt8(ascii: "\n")
                }
                names.append(String(decoding: name, as: UTF8.self))
            }
            return names
        }
    }

    private func read(_ name: String) throws(Failure) -> [UInt8] {
        do throws(FileFailure) {
            return try world.files.read(name, Self.largest)
        } catch {
            switch error.reason {
            case .notFound:
                throw Failure(
                    .pipelineMissing, "There is no pipeline file '\(name)'.",
                    hint: "Write one with 'bluegreen init', or name one with -f FILE.")
            case .tooLarge:
                throw Failure(.pipelineMissing, "'\(name)' is larger than 1 MiB.")
            case .alreadyExists, .denied, .noSpace, .readOnly, .unsafe, .other:
                throw Failure(.pipelineMissing, "'\(name)' cannot be read: \(error.message).")
            }
        }
    }

    /// The folder of the first file.
    var directory: String { StartingFolder(of: names[0]).path }

    var stateRoot: String {
        place.state ?? (directory == "." ? ".bluegreen" : directory + "/.bluegreen")
    }
}
