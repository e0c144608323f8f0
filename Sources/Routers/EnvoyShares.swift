import Contracts
import PipelineModel

/// The two folders beside the link in which Envoy finds a share of the requests.
///
/// They are used in turn: what the link points to is never changed, so one rename makes a share true.
struct EnvoyShares: Sendable {
    static let folders = ["share-1", "share-2"]
    private static let sizeLimit = 64

    /// Where the link is.
    let folder: String
    /// `shop`, for the runtime keys `shop.green` and `shop.green_live`.
    let name: String
    let world: World

    /// Of 100 requests, so many go to green; `nil` where `target` is no such folder or holds no share.
    func greenPercent(in target: String) throws(FileFailure) -> Int? {
        guard Self.folders.contains(target) else { return nil }
        do throws(FileFailure) {
            let bytes = try world.files.read("\(folder)/\(target)/\(name).green", Self.sizeLimit)
            let digits = bytes.prefix { (48...57).contains($0) }
            let percent = Int(String(decoding: digits, as: UTF8.self))
            return percent.flatMap { (1...99).contains($0) ? $0 : nil }
        } catch {
            guard error.reason == .notFound else { throw error }
            return nil
        }
    }

    /// Prepares the folder that the link does not point to; returns what the link has to say.
    func write(_ datum: Datum, besides target: String?) throws(FileFailure) -> String {
        let next = Self.folders.first { $0 != target } ?? ""
        try replace("\(next)/\(name).green", datum.sighting.greenPercent ?? 0)
        try replace("\(next)/\(name).green_live", datum.live == .green ? 100 : 0)
        return next
    }

    private func replace(_ file: String, _ percent: Int) throws(FileFailure) {
        try world.files.replace("\(folder)/\(file)", Array("\(percent)\n".utf8), 0o644)
    }
}
