import Contracts
import PipelineModel

/// The file of Traefik's file provider that belongs to this program: which colour `NAME-live` leads to,
/// and the datum.
///
/// The datum stands twice: in the first line, for this program, and in a middleware that no router uses,
/// so that the API shows which datum Traefik has taken up.
struct TraefikFile: Sendable {
    private static let sizeLimit = 1 << 16
    private static let title = "# Written by bluegreen: "
    /// The header of the middleware that carries the datum.
    static let mark = "X-Bluegreen"

    let path: String
    /// `shop`, for the services `shop-live`, `shop-blue` and `shop-green`.
    let name: String
    let world: World

    /// What a restart of Traefik would use. An absent file keeps nothing.
    func kept() throws(Failure) -> KeptDatum {
        do throws(FileFailure) {
            guard let status = try world.files.status(path) else { return .absent }
            guard status.kind == .file else {
                throw FileFailure(.unsafe, "\(path) is not a plain file")
            }
            let bytes = try world.files.read(path, Self.sizeLimit)
            return kept(String(decoding: bytes, as: UTF8.self))
        } catch {
            throw Failure(
                .routerUnreachable, "\(path) cannot be read.", evidence: [error.message],
                hint: "Check its owner and mode.")
        }
    }

    func put(_ datum: Datum) throws(FileFailure) {
        try world.files.replace(path, Array(Self.text(datum, name).utf8), 0o644)
    }

    /// Whoever writes holds this; Traefik reads only what ends in `.yml`, `.yaml` or `.toml`.
    func lock() async throws(Failure) -> HeldLock {
        do throws(FileFailure) {
            if let lock = try await PatientLock.take(path + ".lock", world) { return lock }
        } catch {
            throw unchangeable(error)
        }
        throw Failure(
            .routerRefused, "Another process is changing \(path).",
            hint: "Try again; a process that hangs there must be ended first.")
    }

    func unchangeable(_ failure: FileFailure) -> Failure {
        Failure(
            .routerRefused, "\(path) cannot be changed.", evidence: [failure.message],
            hint: "This user must be able to create and rename files in its folder.")
    }

    /// The whole file: a text that differs anywhere was not written here. `NAME-idle` is for testers;
    /// files that were written before there were any are without it.
    static func text(_ datum: Datum, _ name: String, hasIdle: Bool = true) -> String {
        """
        \(title)\(datum.written)
        http:
          services:
            \(name)-live:
        \(weighted(weights(datum), name))\(hasIdle ? "\n" + idle(datum, name) : "")
          middlewares:
            \(name)-bluegreen:
              headers:
                customRequestHeaders:
                  \(mark): "\(datum.written)"

        """
    }

    private static func idle(_ datum: Datum, _ name: String) -> String {
        "    \(name)-idle:\n" + weighted([(datum.live.other, 1)], name)
    }

    private static func weights(_ datum: Datum) -> [(Color, Int)] {
        guard let percent = datum.idlePercent else { return [(datum.live, 1)] }
        return [(datum.live, 100 - percent), (datum.live.other, percent)]
    }

    private static func weighted(_ weights: [(Color, Int)], _ name: String) -> String {
        let parts = weights.map { color, weight in
            """
                      - name: \(name)-\(color)
                        weight: \(weight)
            """
        }
        return (["      weighted:", "        services:"] + parts).joined(separator: "\n")
    }

    private func kept(_ text: String) -> KeptDatum {
        let first = String(text.prefix { $0 != "\n" })
        let kept = KeptDatum(
            written: String(first.dropFirst(Self.title.count)), mayShare: true)
        guard first.hasPrefix(Self.title), let datum = kept.datum,
            [true, false].contains(where: { text == Self.text(datum, name, hasIdle: $0) })
        else {
            return KeptDatum(.foreign("a file that bluegreen did not write"))
        }
        return kept
    }
}
