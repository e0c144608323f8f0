/// What is being shipped: a version, its artifact and its configuration.
package struct Release: Hashable, Codable, Sendable {
    package var version: String
    package var artifact: String?
    /// `sha256:…` of the artifact, where it could be resolved.
    package var artifactDigest: String?
    /// SHA-256 over the names and contents of the files of `release.config`.
    package var configurationDigest: String?

    package init(
        version: String, artifact: String? = nil, artifactDigest: String? = nil,
        configurationDigest: String? = nil
    ) {
        self.version = version
        self.artifact = artifact
        self.artifactDigest = artifactDigest
        self.configurationDigest = configurationDigest
    }
}
