import Contracts
import FoundationEssentials
import PipelineModel

/// Remembers the process of one colour: `processes/green.json`, beside its log, for its owner only.
struct ProcessMemory {
    private static let sizeLimit = 64 << 10

    private let folder: String
    private let path: String
    let log: String
    private let files: Files

    init(_ color: Color, in stateFolder: String, files: Files) {
        folder = stateFolder + "/processes"
        path = "\(folder)/\(color).json"
        log = "\(folder)/\(color).log"
        self.files = files
    }

    /// `nil` where no process is remembered.
    func read() throws(Failure) -> ProcessNote? {
        let bytes: [UInt8]
        do throws(FileFailure) {
            bytes = try files.read(path, Self.sizeLimit)
        } catch {
            guard error.reason != .notFound else { return nil }
            throw Failure(.recordCorrupt, "The process of before is not known: \(error.message).")
        }
        do {
            return try JSONDecoder().decode(ProcessNote.self, from: Data(bytes))
        } catch {
            throw Failure(
                .recordCorrupt, "The process of before is not known: \(path) is damaged.",
                hint: "End the process yourself, then remove the file.")
        }
    }

    /// Durable when it returns.
    func write(_ note: ProcessNote) throws(Failure) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let bytes: [UInt8]
        do {
            bytes = Array(try encoder.encode(note)) + [UInt8(ascii: "\n")]
        } catch {
            preconditionFailure("A note of texts and numbers can be encoded.")
        }
        try changing { () throws(FileFailure) in try files.replace(path, bytes, 0o600) }
    }

    func createFolder() throws(Failure) {
        try changing { () throws(FileFailure) in try files.createPrivateFolder(folder) }
    }

    /// The log stays.
    func forget() throws(Failure) {
        try changing { () throws(FileFailure) in try files.remove(path) }
    }

    var logSize: Int {
        // A log that cannot be looked at is reported when the process is to write it.
        (try? files.status(log))?.size ?? 0
    }

    private func changing(_ work: () throws(FileFailure) -> Void) throws(Failure) {
        do throws(FileFailure) {
            try work()
        } catch {
            throw Failure(
                .recordUnwritable, "The process could not be remembered: \(error.message).")
        }
    }
}

/// What is remembered of a process: first how to recognise it, and once it runs, its number.
struct ProcessNote: Codable, Hashable {
    /// Carried by the process, and by what it starts, in the environment.
    static let variable = "BLUEGREEN_PROCESS"

    var schemaVersion = 1
    var mark: String
    /// `nil` while it is being started, or when we died while it was.
    var process: ProcessIdentity?
    /// Of the release that it runs, where that has one.
    var version: String?

    init(randomBits: UInt64, version: String?) {
        mark = String(randomBits, radix: 36)
        self.version = version
    }

    func family(_ log: String, _ world: World) -> ProcessFamily {
        ProcessFamily(
            trace: ProcessTrace(process: process, mark: "\(Self.variable)=\(mark)", log: log),
            world: world)
    }
}
