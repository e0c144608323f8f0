import Glibc

/// Starts a process that inherits nothing but the environment: no descriptors, no signal mask.
func spawn(
    _ arguments: [String], _ environment: [String: String?], _ directory: String?, output: String,
    errors: String
) throws -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let create = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, create, 0o600)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, create, 0o600)
    // Closing a descriptor that is not open is no error here.
    for descriptor in (STDERR_FILENO + 1)..<1024 {
        posix_spawn_file_actions_addclose(&actions, descriptor)
    }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var all = sigset_t()
    var none = sigset_t()
    sigfillset(&all)
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(
        &attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))

    let variables = ownEnvironment().merging(environment) { _, new in new }
        .compactMap { name, value in value.map { "\(name)=\($0)" } }
    // `env -C` becomes the program itself, after changing the folder.
    let arguments = directory.map { ["env", "-C", $0] + arguments } ?? arguments
    var pid: pid_t = 0
    let result = withCStrings(arguments) { words in
        withCStrings(variables) { variables in
            posix_spawnp(&pid, arguments[0], &actions, &attributes, words, variables)
        }
    }
    guard result == 0 else {
        throw RigFailure("cannot start \(arguments): \(String(cString: strerror(result)))")
    }
    return pid
}

private func ownEnvironment() -> [String: String?] {
    var result: [String: String?] = [:]
    var next = environ
    while let entry = next.pointee {
        let parts = String(cString: entry).split(separator: "=", maxSplits: 1)
        if let name = parts.first { result[String(name)] = parts.count > 1 ? String(parts[1]) : "" }
        next += 1
    }
    return result
}

private func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) throws -> Result
) rethrows -> Result {
    let copies = strings.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    return try body(copies + [nil])
}
