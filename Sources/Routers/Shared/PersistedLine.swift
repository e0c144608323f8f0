import Contracts

/// The one line of a text file in which a router finds its datum again after a restart.
///
/// Everything else in the file, comments and other services included, stays byte for byte.
struct PersistedLine: Sendable {
    private static let sizeLimit = 32 << 20

    let path: String
    /// Where in a line (without its line end) the value stands; `nil` where the line is not ours.
    let locate: @Sendable (ArraySlice<UInt8>) -> Range<Int>?
    let world: World

    /// The value that a restart would use; `nil` where the file has no such line.
    func value() throws(Failure) -> String? {
        let bytes = try contents()
        return valueRanges(in: bytes).first.map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    /// Makes `value` durable, unless the file already holds it.
    ///
    /// `refuse` sees the value in the file and may stop the change. Two processes that change lines of
    /// the same file wait for each other, half a second at most.
    func replace(with value: String, refuse: (String) -> Failure?) async throws(Failure) {
        let lock = try await takeLock()
        defer { lock.release() }
        let bytes = try contents()
        let ranges = valueRanges(in: bytes)
        guard let first = ranges.first else {
            throw notDurable("has no line for this service")
        }
        if let refusal = refuse(String(decoding: bytes[first], as: UTF8.self)) { throw refusal }
        var changed = bytes
        for range in ranges.reversed() { changed.replaceSubrange(range, with: value.utf8) }
        guard changed != bytes else { return }
        do throws(FileFailure) {
            try world.files.replace(path, changed, 0o644)
        } catch {
            throw notDurable("cannot be written", evidence: [error.message])
        }
    }

    private func contents() throws(Failure) -> [UInt8] {
        do throws(FileFailure) {
            guard let status = try world.files.status(path) else {
                throw FileFailure(.notFound, "\(path) is not on this machine")
            }
            guard status.kind == .file else {
                throw FileFailure(.unsafe, "\(path) is not a plain file")
            }
            return try world.files.read(path, Self.sizeLimit)
        } catch {
            throw notDurable("cannot be read", evidence: [error.message])
        }
    }

    private func valueRanges(in bytes: [UInt8]) -> [Range<Int>] {
        bytes.split(separator: UInt8(ascii: "\n")).compactMap(locate)
    }

    private func takeLock() async throws(Failure) -> HeldLock {
        do throws(FileFailure) {
            if let lock = try await PatientLock.take(path + ".lock", world) { return lock }
        } catch {
            throw notDurable("cannot be locked", evidence: [error.message])
        }
        throw notDurable("is being changed by another process")
    }

    private func notDurable(_ trouble: String, evidence: [String] = []) -> Failure {
        Failure(
            .routerNotDurable, "\(path) \(trouble).", evidence: evidence,
            hint: "A reload or restart of the router returns to what this file holds.")
    }
}
