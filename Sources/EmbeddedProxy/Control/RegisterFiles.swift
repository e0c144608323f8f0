import Contracts

/// The register on disk, twice: where one file is damaged, the other still says where traffic goes.
struct RegisterFiles: Sendable {
    private static let largest = 64 << 10

    enum Content: Hashable {
        case record(RegisterRecord)
        case absent
        /// The text says what is wrong.
        case damaged(String)
    }

    let main: String
    let copy: String
    /// Names the folder of the register that an address was served with last.
    let note: String
    private let folder: String
    private let address: String
    private let files: Files

    /// `address` is the folder that belongs to the address that is served.
    init(folder: String, address: String, files: Files) {
        self.folder = folder
        self.address = address
        note = address + "/register-folder"
        main = folder + "/register"
        copy = folder + "/register.copy"
        self.files = files
    }

    /// The folder of the register that this address was served with last; `nil` where it never was.
    func former() throws(FileFailure) -> String? {
        do throws(FileFailure) {
            return String(decoding: try files.read(note, Self.largest), as: UTF8.self)
        } catch {
            guard error.reason == .notFound else { throw error }
            return nil
        }
    }

    /// Where earlier versions kept the register of this address; they left no note.
    var earlier: RegisterFiles { RegisterFiles(folder: address, address: address, files: files) }

    func remember() throws(FileFailure) {
        try files.replace(note, Array(folder.utf8), 0o600)
    }

    func read(_ path: String) -> Content {
        do throws(FileFailure) {
            let bytes = try files.read(path, Self.largest)
            return RegisterRecord(bytes).map(Content.record)
                ?? .damaged("\(path) is torn or was edited")
        } catch {
            return error.reason == .notFound ? .absent : .damaged(error.message)
        }
    }

    /// Once this returns, a restart begins with `record`, also after a power cut. The copy is gone then:
    /// there is never one that is older than the file. It is only removed while the file holds `held`,
    /// so one of the two is always sound. After a failure, only a look tells which record is there.
    func write(_ record: RegisterRecord, over held: RegisterRecord) throws(FileFailure) {
        if read(main) != .record(held) { try writeMain(held) }
        try files.remove(copy)
        try writeMain(record)
    }

    /// Leaves the copy alone.
    func writeMain(_ record: RegisterRecord) throws(FileFailure) {
        try files.replace(main, record.bytes(), 0o600)
    }

    /// Keeps `record` a second time.
    func writeCopy(_ record: RegisterRecord) throws(FileFailure) {
        try files.replace(copy, record.bytes(), 0o600)
    }

    func removeBoth() throws(FileFailure) {
        try files.remove(copy)
        try files.remove(main)
    }
}
