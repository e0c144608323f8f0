/// Where the relative paths of a pipeline start: beside its first file, whichever file names them.
package struct StartingFolder: Hashable, Sendable {
    package static let working = StartingFolder(".")

    package let path: String

    package init(_ path: String) { self.path = path }

    package init(of file: String) {
        guard let slash = file.lastIndex(of: "/") else {
            self = .working
            return
        }
        path = slash == file.startIndex ? "/" : String(file[..<slash])
    }

    package func path(to other: String) -> String {
        guard !other.hasPrefix("/"), self != .working else { return other }
        guard other != "." else { return path }
        return path.hasSuffix("/") ? path + other : "\(path)/\(other)"
    }
}
