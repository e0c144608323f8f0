import Foundation
import Routers

/// The tree that these tests were built from.
enum Repository {
    /// The text of a file, by its path from the top.
    static func file(_ path: String) throws -> String {
        let top = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: top.appending(path: path), encoding: .utf8)
    }
}

extension StartingPlan {
    /// The one that the manual and the examples show.
    static let shown = StartingPlan(
        service: "shop", listen: "127.0.0.1:8080", blue: "127.0.0.1:8081", green: "127.0.0.1:8082")
}
