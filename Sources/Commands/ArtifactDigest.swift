import Contracts
import PipelineModel
import StateStores

/// Resolves what is shipped to a digest, as far as that is possible without asking anybody.
struct ArtifactDigest {
    /// A larger file is shipped without a digest: it would have to lie in memory as a whole.
    static let largestFile = 256 << 20

    let world: World

    /// The digest in `name@sha256:…`; SHA-256 of the file at `path`, if there is one; else `nil`.
    ///
    /// - Throws: `Failure` where the file is there and cannot be read.
    func digest(of artifact: String, at path: String) throws(Failure) -> String? {
        if let named = Self.named(in: artifact) { return named }
        // A text that cannot be a path here, such as `shop/api:2` beside a file `shop`, names no file.
        guard let status = try? world.files.status(path), status.kind == .file,
            status.size <= Self.largestFile
        else { return nil }
        do throws(FileFailure) {
            return "sha256:" + Fingerprint.sha256(try world.files.read(path, Self.largestFile))
        } catch {
            throw Failure(
                .artifactUnresolved, "The artifact cannot be read: \(error.message).")
        }
    }

    private static func named(in artifact: String) -> String? {
        guard let sign = artifact.firstRange(of: "@sha256:") else { return nil }
        let digits = artifact[sign.upperBound...]
        guard digits.utf8.count == 64, digits.allSatisfy(\.isHexDigit) else { return nil }
        return "sha256:" + digits.lowercased()
    }
}

extension Release {
    /// Whether this is what was recorded. A digest that cannot be resolved any more decides nothing.
    func isSame(as recorded: Release?) -> Bool {
        guard var recorded else { return false }
        if artifactDigest == nil { recorded.artifactDigest = nil }
        return recorded == self
    }
}
