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
        for source in sources { reveal(source.bytes) }
        return sources
    }

    /// Every `${env.X}` of the files is a secret from the start: a tool may print its value before
    /// the program itself needs it.
    private func reveal(_ bytes: [UInt8]) {
        let opening = Array("${env.".utf8)
        var rest = bytes[...]
        while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
            rest = rest[(dollar + 1)...]
            guard bytes[dollar...].starts(with: opening) else { continue }
            let name = bytes[(dollar + opening.count)...].prefix {
                $0 != UInt8(ascii: "}") && $0 != UInt8(ascii: "\n")
            }
            _ = constants["env." + String(decoding: name, as: UTF8.self)]
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
    var directory: String {
        guard let slash = names[0].lastIndex(of: "/") else { return "." }
        return slash == names[0].startIndex ? "/" : String(names[0][..<slash])
    }

    var stateRoot: String {
        place.state ?? (directory == "." ? ".bluegreen" : directory + "/.bluegreen")
    }
}
