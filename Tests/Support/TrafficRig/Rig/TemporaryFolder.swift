import FoundationEssentials
import Glibc

/// A fresh folder that only this user can read, unless it is made otherwise.
package struct TemporaryFolder: Sendable {
    package let path: String

    /// Makes the folder; whoever calls this removes it.
    ///
    /// It lies in /tmp whatever TMPDIR says: paths of unix sockets have 107 bytes.
    package init(in parent: String = "/tmp", mode: UInt32 = 0o700) throws {
        var template = Array("\(parent)/bluegreen-rig-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil, chmod(template, mode) == 0 else {
            throw RigFailure("cannot make a folder in \(parent): errno \(errno)")
        }
        path = template.withUnsafeBufferPointer { characters in
            String(decoding: characters.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }

    package func file(_ name: String) -> String { "\(path)/\(name)" }

    @discardableResult
    package func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(filePath: file(name)))
        return file(name)
    }

    /// Makes a folder in this one, and those on the way, which others can search as they can this one.
    package func makeFolder(_ name: String) throws {
        var path = self.path
        for part in name.split(separator: "/") {
            path += "/\(part)"
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
            guard chmod(path, 0o755) == 0 else { throw RigFailure("\(path): errno \(errno)") }
        }
    }

    /// Writes a file, whatever the umask, that others can read as they can search this folder.
    func publish(_ text: String, as name: String) throws {
        if let slash = name.lastIndex(of: "/") { try makeFolder(String(name[..<slash])) }
        guard chmod(try write(text, to: name), 0o644) == 0 else {
            throw RigFailure("\(name): errno \(errno)")
        }
    }

    /// The same, in one step: written aside, and renamed.
    package func replace(_ text: String, as name: String) throws {
        try publish(text, as: name + ".new")
        guard rename(file(name + ".new"), file(name)) == 0 else {
            throw RigFailure("\(name): errno \(errno)")
        }
    }

    package func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: file(name), withDestinationPath: target)
    }

    package func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: file(name))), as: UTF8.self)
    }

    package func remove() {
        // A folder that is already gone is what is wanted; another failure leaves litter in /tmp.
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// Runs `body` in a fresh folder and removes the folder, however `body` ends.
package func withTemporaryFolder<Result>(
    _ body: (TemporaryFolder) async throws -> Result
) async throws -> Result {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    return try await body(folder)
}
