import Contracts
import Testing

/// An authority of its own and a certificate for `shop.test`, made with `openssl`.
struct Certificates {
    let folder: TemporaryFolder

    var authority: String { folder("ca.pem") }
    var certificate: String { folder("shop.pem") }
    var key: String { folder("shop.key") }

    /// `nil` where `openssl` is missing.
    static func make(_ world: World) async throws -> Certificates? {
        let made = Certificates(folder: try TemporaryFolder())
        let new =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
        let script = """
            set -e
            \(new) -subj '/CN=test authority' -keyout ca.key -out ca.pem
            \(new) -CA ca.pem -CAkey ca.key -subj /CN=shop.test \
                -addext subjectAltName=DNS:shop.test -addext basicConstraints=critical,CA:FALSE \
                -keyout shop.key -out shop.pem
            """
        let result = try await world.processes.run(
            ProcessRequest(
                arguments: ["sh", "-c", "command -v openssl || exit 77; \(script)"],
                environment: ["PATH": "/usr/bin:/bin"], directory: made.folder.path,
                timeout: .seconds(60)))
        guard result.ending != .exited(77) else {
            print("skipped: openssl is missing")
            return nil
        }
        try #require(result.ending == .exited(0), "\(result.errors)")
        return made
    }
}
