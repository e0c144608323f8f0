import Contracts
import PipelineModel

/// The file from which Envoy takes its routes, where that is how it is switched.
///
/// The routes are the user's own. In them this program changes only what depends on the datum, all of it
/// by one rename: see `EnvoyRoutesText`.
struct EnvoyRoutes: Slot {
    private static let sizeLimit = 1 << 18

    let path: String
    /// `shop`, for the clusters `shop_blue` and `shop_green`.
    let service: String
    let world: World

    var name: String { "The routes \(path)" }
    var lockPath: String { path + ".lock" }
    var sharesTraffic: Bool { true }
    var making: String { "install -m 644 routes.yaml \(path)" }

    func look() throws(FileFailure) -> SlotSight {
        let kept = try text()?.kept ?? .absent
        return SlotSight(names: Set([kept.datum?.live].compactMap(\.self)), kept: kept)
    }

    func missing(for _: Datum) throws(FileFailure) -> Failure? {
        guard try text()?.written == nil else { return nil }
        return Failure(
            .routerTargetMissing, "There are no routes with one 'version_info' in \(path).",
            hint: "Install them as docs/routers/envoy.md shows, and restart Envoy.")
    }

    func put(_ datum: Datum, over _: SlotSight) throws(FileFailure) -> Failure? {
        guard let text = try text()?.saying(datum) else {
            throw FileFailure(.notFound, "\(path) has no 'version_info'")
        }
        try world.files.replace(path, Array(text.utf8), 0o644)
        return nil
    }

    /// `nil` where there is no file.
    private func text() throws(FileFailure) -> EnvoyRoutesText? {
        guard let status = try world.files.status(path) else { return nil }
        guard status.kind == .file else {
            throw FileFailure(.unsafe, "\(path) is not a plain file")
        }
        let bytes = try world.files.read(path, Self.sizeLimit)
        return EnvoyRoutesText(text: String(decoding: bytes, as: UTF8.self), service: service)
    }
}

/// The text of that file.
///
/// Three things depend on the datum: the datum itself, which stands as `version_info` and, for Envoy
/// passes over a file whose routes are those that it has, once more inside the routes; the weights of
/// the two clusters; and the cluster in lines that end with `# idle`. In a comment they say nothing, and
/// are changed all the same, to be right when the comment sign is taken off.
struct EnvoyRoutesText: Hashable, Sendable {
    private static let title = "version_info: \""

    let text: String
    let service: String

    /// What stands as `version_info`; `nil` where that is not there, or there twice.
    var written: String? {
        let versions = lines.filter { $0.hasPrefix(Self.title) }
        guard versions.count == 1 else { return nil }
        return versions.first.map { String($0.dropFirst(Self.title.count).prefix { $0 != "\"" }) }
    }

    var kept: KeptDatum {
        guard let written else { return KeptDatum(.foreign("routes without one 'version_info'")) }
        let kept = KeptDatum(written: written, mayShare: true)
        guard let datum = kept.datum else { return KeptDatum(.foreign(Evidence.line(written))) }
        let said = Self.withoutComments(text)
        guard said.ranges(of: "\"\(written)\"").count > 1 else {
            return KeptDatum(.foreign("routes without the mark \"\(written)\""))
        }
        let haveWeights = Color.allCases.allSatisfy { said.contains(weight(of: $0)) }
        guard haveWeights, saying(datum).map(Self.withoutComments) == said else {
            return KeptDatum(.foreign("routes that do not say \(written)"))
        }
        return kept
    }

    /// The same routes for another datum; `nil` where there is none to replace.
    func saying(_ datum: Datum) -> String? {
        guard let written else { return nil }
        return lines.map { line in
            weighted(line.replacing("\"\(written)\"", with: "\"\(datum.written)\""), datum)
        }.joined(separator: "\n")
    }

    private var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    /// Without the lines that are nothing else.
    private static func withoutComments(_ text: String) -> String {
        text.split(separator: "\n")
            .filter { $0.first { $0 != " " && $0 != "\t" } != "#" }
            .joined(separator: "\n")
    }

    private func weighted(_ line: some StringProtocol, _ datum: Datum) -> String {
        var line = String(line)
        let green = datum.sighting.greenPercent ?? 0
        for (color, percent) in [(Color.blue, 100 - green), (.green, green)] {
            guard let place = line.firstRange(of: weight(of: color)) else { continue }
            let digits = line[place.upperBound...].prefix { $0.isASCII && $0.isNumber }
            line.replaceSubrange(digits.startIndex..<digits.endIndex, with: "\(percent)")
        }
        guard line.hasSuffix("# idle") else { return line }
        return line.replacing(
            "cluster: \(service)_\(datum.live),",
            with: "cluster: \(service)_\(datum.live.other),")
    }

    private func weight(of color: Color) -> String { "name: \(service)_\(color), weight: " }
}
