import ArgumentParser
import Contracts
import Glibc
import PipelineModel
import StateStores

/// Says what is being shipped: version, artifact and the digest of its configuration.
struct ReleaseReader: Sendable {
    private let workplace: Workplace
    private static let largestFile = 16 << 20

    init(_ workplace: Workplace) {
        self.workplace = workplace
    }

    /// The release that `version`, or the pipeline, names.
    func release(version: String?) throws -> Release {
        let settings = workplace.pipeline.release
        guard let version = version ?? settings.version else {
            throw UsageRefusal(
                message: "Which version? 'bluegreen deploy VERSION', release.version in the"
                    + " pipeline, or BLUEGREEN_VERSION.")
        }
        guard Self.isVersion(version) else {
            throw UsageRefusal(message: "'\(version)' is no version: \(Self.allowed).")
        }
        return try completed(Release(version: version))
    }

    /// The same release with the digests as they are now.
    func sealed(_ release: Release) async throws(Failure) -> Release {
        try completed(release)
    }

    /// The version that a flag names.
    static func version(
        _ written: String, as example: String
    ) throws(ValidationError) -> String {
        guard !isVersion(written) else { return written }
        throw ValidationError("a version has \(allowed), as in \(example)")
    }

    private static let allowed =
        "letters, digits and ._+:/@- only, at most 200, beginning with a letter or digit"

    /// A version goes into commands, addresses and file names of the user's tools.
    private static func isVersion(_ text: String) -> Bool {
        let isSafe = text.unicodeScalars.allSatisfy {
            ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                || "._+:/@-".unicodeScalars.contains($0)
        }
        guard let first = text.first else { return false }
        return isSafe && text.utf8.count <= 200 && (first.isLetter || first.isNumber)
    }

    private func completed(_ release: Release) throws(Failure) -> Release {
        var release = release
        if let artifact = workplace.pipeline.release.artifact {
            let substitutes = Substitutes(
                ["version": release.version, "release.version": release.version],
                constants: workplace.pipeline.constants)
            let name: String
            do throws(MissingSubstitute) {
                name = try artifact.filled(substitutes)
            } catch {
                throw Failure(
                    .substituteMissing, "'${\(error.name)}' has no value in release.artifact.",
                    evidence: ["\(error.position)"])
            }
            release.artifact = name
            let digest = try ArtifactDigest(world: workplace.world).digest(
                of: name, at: inDirectory(name))
            release.artifactDigest = digest ?? release.artifactDigest
        }
        release.configurationDigest = try configurationDigest()
        return release
    }

    // MARK: - Configuration

    /// SHA-256 over the names and contents of every file that `release.config` matches.
    private func configurationDigest() throws(Failure) -> String? {
        let patterns = workplace.pipeline.release.config
        guard !patterns.isEmpty else { return nil }
        var bytes: [UInt8] = []
        for pattern in patterns {
            for path in try files(matching: pattern) {
                bytes += Array("\(path)\0".utf8)
                bytes += try read(path)
            }
        }
        return "sha256:" + Fingerprint.sha256(bytes)
    }

    private func read(_ path: String) throws(Failure) -> [UInt8] {
        do throws(FileFailure) {
            return try workplace.world.files.read(inDirectory(path), Self.largestFile)
        } catch {
            throw Failure(
                .artifactUnresolved, "A file of release.config cannot be read: \(error.message).")
        }
    }

    /// Sorted paths relative to the pipeline; a wildcard may stand in the last part only.
    private func files(matching pattern: String) throws(Failure) -> [String] {
        let slash = pattern.lastIndex(of: "/")
        let folder = slash.map { String(pattern[..<$0]) } ?? "."
        let name = slash.map { String(pattern[pattern.index(after: $0)...]) } ?? pattern
        do throws(FileFailure) {
            let names = try workplace.world.files.list(inDirectory(folder))
            let matching = names.filter { fnmatch(name, $0, FNM_PERIOD) == 0 }.sorted()
            guard !matching.isEmpty else {
                throw FileFailure(.notFound, "no file matches '\(pattern)'")
            }
            return matching.map { folder == "." ? $0 : folder + "/" + $0 }
        } catch {
            throw Failure(
                .artifactUnresolved, "release.config: \(error.message).",
                hint: "Patterns are relative to the pipeline file.")
        }
    }

    private func inDirectory(_ path: String) -> String {
        path.hasPrefix("/") || workplace.directory == "."
            ? path : workplace.directory + "/" + path
    }
}
