import Glibc

/// Where this machine has the program `name`, or nil.
package func installedProgram(_ name: String) -> String? {
    let folders = (environmentVariable("PATH") ?? "").split(separator: ":").map(String.init)
    return (folders + ["/usr/sbin", "/usr/local/sbin"]).map { "\($0)/\(name)" }
        .first { access($0, X_OK) == 0 }
}
