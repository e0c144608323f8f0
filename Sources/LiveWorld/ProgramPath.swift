import Contracts
import Glibc
import Subprocess
import SystemPackage

/// Finds the program of a request and words why it could not be started.
struct ProgramPath {
    private let name: String
    private let path: String
    private let folder: String?

    init(_ name: String, searching path: String?, in folder: String?) {
        self.name = name
        self.path = path ?? ""
        self.folder = folder
    }

    init(_ request: ProcessRequest) {
        self.init(
            request.arguments.first ?? "", searching: request.environment["PATH"],
            in: request.directory)
    }

    /// A name with a slash is seen from the request's folder, as the kernel does.
    func found() throws(Failure) -> FilePath {
        guard !name.contains("/") else {
            let place = name.hasPrefix("/") ? name : "\(folder ?? ".")/\(name)"
            guard access(place, X_OK) == 0 else { throw failure(Refusal(errno)) }
            guard isProgram(place) else { throw failure(Refusal(EACCES)) }
            return FilePath(name)
        }
        let folders = path.split(separator: ":")
        for folder in folders where folder.hasPrefix("/") && !name.isEmpty {
            let path = "\(folder)/\(name)"
            if isProgram(path) { return FilePath(path) }
        }
        throw missing
    }

    func failure(_ error: any Error) -> Failure {
        if let refusal = error as? Refusal { return failure(refusal) }
        guard let error = error as? SubprocessError else {
            return Failure(.commandFailed, "cannot run \(name)")
        }
        let reason = error.underlyingError.map { kernelText($0.rawValue) }
        return switch error.code {
        case .executableNotFound: missing
        case .failedToChangeWorkingDirectory: unusable(folder: folder ?? ".", reason)
        case _: cannotRun(reason)
        }
    }

    func failure(_ refusal: Refusal) -> Failure {
        refusal.number == ENOENT ? missing : cannotRun(refusal.text)
    }

    func unusable(folder: String, _ reason: String?) -> Failure {
        Failure(
            .commandFailed, "cannot run \(name) in \(folder)", evidence: reason.map { [$0] } ?? [])
    }

    private func cannotRun(_ reason: String?) -> Failure {
        Failure(.commandFailed, "cannot run \(name)", evidence: reason.map { [$0] } ?? [])
    }

    private var missing: Failure {
        guard !name.contains("/") else {
            return Failure(
                .commandNotFound, "there is no program \(name)",
                evidence: folder.map { ["in folder \($0)"] } ?? [])
        }
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
