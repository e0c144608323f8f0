package import PipelineModel

/// Where a request goes: http or https, no credentials, and nothing that only a cloud's own machines
/// may ask.
package struct RequestAddress: Hashable {
    package let url: String

    struct Refused: Error, Hashable {
        /// Lower case, no full stop, and without the address: it may hold a secret.
        let reason: String
        var hint: String?
    }

    /// - Parameters:
    ///   - written: a path that begins with `/`, or a whole address.
    ///   - base: what a path belongs to, without a trailing slash.
    /// - Throws: `.refused`, with the reason.
    package init(_ written: String, base: String) throws(Failure) {
        do throws(Refused) {
            url = try Self.checked(written, base: base)
        } catch {
            throw Failure(
                .refused, "A request was not sent: \(error.reason).", hint: error.hint)
        }
    }

    /// Reports what is wrong with the address whatever its names will stand for.
    package static func isPlausible(_ template: Template, report: Report) -> Bool {
        guard !template.startsWithName else { return true }
        let sample = template.parts.map { part in
            switch part {
            case .text(let text): text
            case .name: "1"
            }
        }
        do throws(Refused) {
            _ = try checked(sample.joined(), base: "http://localhost")
            return true
        } catch {
            report.error(at: template.position, error.reason, hint: error.hint)
            return false
        }
    }

    private static func checked(_ written: String, base: String) throws(Refused) -> String {
        guard written.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") })
        else {
            throw Refused(
                reason: "the address contains a blank, a backslash or a control character",
                hint: "write a blank as %20")
        }
        let url = written.utf8.first == UInt8(ascii: "/") ? base + written : written
        try check(hostOf: url)
        return url
    }

    private static func check(hostOf url: String) throws(Refused) {
        guard let start = ["http://", "https://"].first(where: url.lowercased().hasPrefix) else {
            throw Refused(
                reason: "a request needs a path or an http address",
                hint: "begin with '/', 'http://' or 'https://'")
        }
        let rest = url.dropFirst(start.count)
        let authority = rest.prefix { !["/", "?", "#"].contains($0) }
        guard !authority.contains("@") else {
            throw Refused(
                reason: "credentials do not belong into an address",
                hint: "send them as a header, as in 'headers: {Authorization: Basic ${env.X}}'")
        }
        guard let host = RequestHost(authority: authority) else {
            throw Refused(reason: "the address names no host, or a port that does not exist")
        }
        guard !host.isForbidden else {
            throw Refused(
                reason: "link-local and metadata addresses are not asked",
                hint: "they hand out a machine's credentials")
        }
    }
}
