import TrafficRig

extension TemporaryFolder {
    /// Makes `NAME.pem`, a certificate for `address` with its key, and `AUTHORITY.pem`, who signed it.
    func makeCertificate(
        _ name: String, for address: String, by authority: String = "ca"
    ) async throws {
        let script = """
            new="openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
            $new -subj '/CN=test authority' -keyout \(authority).key -out \(authority).pem
            $new -CA \(authority).pem -CAkey \(authority).key -subj /CN=\(name) \
                -addext subjectAltName=\(address) -addext basicConstraints=critical,CA:FALSE \
                -keyout \(name).key -out \(name).crt
            cat \(name).crt \(name).key > \(name).pem
            """
        let made = try await ChildProcess.run(["sh", "-ec", script], directory: path)
        guard made.status == 0 else { throw RigFailure("no certificate: \(made)") }
    }
}
