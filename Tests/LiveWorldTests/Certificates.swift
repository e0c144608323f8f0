import Contracts
import Testing
import TrafficRig

extension Trait where Self == ConditionTrait {
    /// The test makes certificates.
    static var needsOpenSSL: Self { .enabled(if: isProgramWanted("openssl")) }
}

/// An authority of its own and a certificate for `shop.test`, made with `openssl`.
struct Certificates {
    let folder: TemporaryFolder

    var authority: String { folder("ca.pem") }
    var certificate: String { folder("shop.pem") }
    var key: String { folder("shop.key") }

    static func make(_ world: World, isExpired: Bool = false) async throws -> Certificates {
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
        let expired = """

            openssl req -new -key shop.key -subj /CN=shop.test \
                -addext subjectAltName=DNS:shop.test -out old.csr
            openssl x509 -req -in old.csr -days -1 -CA ca.pem -CAkey ca.key -set_serial 7 \
                -copy_extensions copy -out shop.pem
            """
        let result = try await world.processes.run(
            ProcessRequest(
                arguments: ["sh", "-c", script + (isExpired ? expired : "")],
                environment: ["PATH": "/usr/bin:/bin"], directory: made.folder.path,
                timeout: .seconds(60)))
        try #require(result.ending == .exited(0), "\(result.errors)")
        return made
    }
}
