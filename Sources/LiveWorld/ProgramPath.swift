import Contracts
import Glibc
import Subprocess
import SystemPackage

/// Finds the program of a request and words why it could not be started.
struct ProgramPath {
    private let request: ProcessRequest

    init(_ request: ProcessRequest) { self.request = request }

    private var name: String { request.arguments.first ?? "" }

    /// A name with a slash is left to the kernel, which sees it from the request's folder.
    func found() throws(Failure) -> FilePath {
        guard !name.contains("/") else { return FilePath(name) }
        let folders = (request.environment["PATH"] ?? "").split(separator: ":")
        for folder in folders where folder.hasPrefix("/") && !name.isEmpty {
            let path = "\(folder)/\(name)"
            if isProgram(path) { return FilePath(path) }
        }
        throw missing
    }

    func failure(_ error: any Error) -> Failure {
        guard let error = error as? SubprocessError else {
            return Failure(.commandFailed, "cannot run \(name)")
        }
        let folder = request.directory ?? "."
        let reason = error.underlyingError.map { [kernelText($0.rawValue)] } ?? []
        return switch error.code {
        case .executableNotFound: missing
        case .failedToChangeWorkingDirectory:
            Failure(.commandFailed, "cannot run \(name) in \(folder)", evidence: reason)
        case _: Failure(.commandFailed, "cannot run \(name)", evidence: reason)
        }
    }

    private var missing: Failure {
        guard !name.contains("/") else {
            return Failure(
                .commandNotFound, "there is no program \(name)",
                evidence: request.directory.map { ["in folder \($0)"] } ?? [])
        }
        let path = request.environment["PATH"] ?? ""
        return Failure(
            .commandNotFound, "there is no program '\(name)'",
            evidence: [path.isEmpty ? "PATH is not set" : "searched PATH \(path)"])
    }

    private func isProgram(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            && access(path, X_OK) == 0
    }
}
