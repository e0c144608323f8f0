import FoundationEssentials
import Glibc

/// Where the programs of this package lie: beside the product that is tested where they were built with
/// it, else beside the tests that use them.
package enum Products {
    /// `BLUEGREEN_BIN` names another build of the product, for example the released one.
    package static var bluegreen: String {
        environmentVariable("BLUEGREEN_BIN") ?? beside("bluegreen")
    }
    /// Whether that is built as it is shipped, and not for debugging.
    package static var isShipped: Bool { environmentVariable("BLUEGREEN_BIN") != nil }
    package static var exampleBackend: String { besideProduct("example-backend") }
    package static var loadClient: String { beside("load-client") }
    /// What moves the wall clock of the program that it is preloaded into.
    package static var clockShift: String { beside("libclock-shift.so") }

    /// As fast as they can be: they share the cores with what is measured.
    private static func besideProduct(_ name: String) -> String {
        let path = URL(filePath: bluegreen).deletingLastPathComponent().appending(path: name).path
        return access(path, X_OK) == 0 ? path : beside(name)
    }

    private static func beside(_ name: String) -> String {
        URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: name).path
    }
}

/// One variable of this process's environment, nil where it is not set.
package func environmentVariable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}
