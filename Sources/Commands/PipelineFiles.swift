import Contracts
import PipelineModel

/// Finds and reads the pipeline files that the flags, or the working directory, name.
struct PipelineFiles {
    static let standardName = "bluegreen.yaml"
    private static let largest = 1 << 20

    let names: [String]
    let constants: Constants
    private let place: PlaceOptions
    private let world: World

    init(_ place: PlaceOptions, world: World) {
        self.place = place
        self.world = world
        names = place.files.isEmpty ? [Self.standardName] : place.files
        constants = Constants(
            variables: Dictionary(
                place.variables.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }),
            environment: world.host.environment)
    }

    func read() throws(Failure) -> [PipelineReader.Source] {
        var sources: [PipelineReader.Source] = []
        for name in names { sources.append((name, try read(name))) }
        return sources
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
    var directory: String {
        guard let slash = names[0].lastIndex(of: "/") else { return "." }
        return slash == names[0].startIndex ? "/" : String(names[0][..<slash])
    }

    var stateRoot: String {
        place.state ?? (directory == "." ? ".bluegreen" : directory + "/.bluegreen")
    }
}
