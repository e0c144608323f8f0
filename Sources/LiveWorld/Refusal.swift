import Contracts
import Glibc

/// Why the kernel, or a check of ours, refused an operation on a file.
struct Refusal: Error {
    /// The kernel's number; zero where the refusal is ours.
    let number: Int32
    let reason: FileFailure.Reason
    let text: String
    /// As in `FileFailure`.
    var isOfFlush = false

    init(_ reason: FileFailure.Reason, _ text: String) {
        number = 0
        self.reason = reason
        self.text = text
    }

    init(_ number: Int32) {
        self.number = number
        reason = Self.reason(number)
        text = number == ELOOP ? "it is a symbolic link" : kernelText(number)
    }

    private static func reason(_ number: Int32) -> FileFailure.Reason {
        switch number {
        case ENOENT, ENOTDIR: .notFound
        case EEXIST: .alreadyExists
        case EACCES, EPERM: .denied
        case ENOSPC, EDQUOT: .noSpace
        case EROFS: .readOnly
        case EFBIG: .tooLarge
        case ELOOP, ENXIO: .unsafe
        default: .other
        }
    }
}

/// `No space left on device`
func kernelText(_ number: Int32) -> String { String(cString: strerror(number)) }

/// Makes a system call, again if a signal interrupted it; -1 becomes an error.
@discardableResult
func checked<Answer: SignedInteger>(_ call: () -> Answer) throws(Refusal) -> Answer {
    while true {
        let answer = call()
        guard answer == -1 else { return answer }
        let number = errno
        guard number == EINTR else { throw Refusal(number) }
    }
}

/// Words a refusal: `cannot write state.json: No space left on device`.
func wording<Value>(
    _ action: String, _ path: String, _ work: () throws(Refusal) -> Value
) throws(FileFailure) -> Value {
    do {
        return try work()
    } catch {
        throw FileFailure(
            error.reason, "cannot \(action) \(path): \(error.text)", isOfFlush: error.isOfFlush)
    }
}
