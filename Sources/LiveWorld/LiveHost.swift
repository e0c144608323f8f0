import Contracts
import Glibc

extension Host {
    static func live() -> Host {
        Host(
            name: hostName(), user: userName(), bootID: bootID,
            process: .this, workingDirectory: workingDirectory(),
            environment: { name in getenv(name).map { String(cString: $0) } },
            randomBits: { UInt64.random(in: .min ... .max) })
    }

    /// Empty where the kernel does not say.
    static let bootID = firstLine(of: "/proc/sys/kernel/random/boot_id")

    private static func hostName() -> String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return text(name)
    }

    private static func workingDirectory() -> String {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        return getcwd(&path, path.count) == nil ? "." : text(path)
    }

    /// Directories on the network are not asked: a rollback must not hang on them.
    private static func userName() -> String {
        // Without the file there is still a name to give.
        let users = (try? readFile("/etc/passwd", 1 << 20)) ?? []
        return userName(getuid(), in: users, session: getenv("LOGNAME").map { String(cString: $0) })
    }

    /// The name that `users`, as /etc/passwd, gives; else what the session says, or the number.
    static func userName(_ user: uid_t, in users: [UInt8], session: String?) -> String {
        let number = Array(String(user).utf8)[...]
        for line in users.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(
                separator: UInt8(ascii: ":"), maxSplits: 3, omittingEmptySubsequences: false)
            guard fields.count > 2, fields[2] == number else { continue }
            return String(decoding: fields[0], as: UTF8.self)
        }
        return session ?? "uid \(user)"
    }

    private static func firstLine(of path: String) -> String {
        // An unreadable file is the same as one that says nothing: this is for telling boots apart.
        guard let bytes = try? readFile(path, 4096) else { return "" }
        return String(text(bytes).prefix { $0 != "\n" })
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func text(_ characters: [CChar]) -> String {
        text(characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) })
    }
}
