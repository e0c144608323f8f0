import Contracts
import PipelineModel

/// What Traefik itself says it uses now.
struct TraefikAPI: Sendable {
    let page: AdminPage
    let name: String

    /// Which colour `NAME-live` leads to, or with which shares, and the datum beside it.
    func shown() async throws(Failure) -> KeptDatum {
        guard let service = try await item("services/\(name)-live") else { return .absent }
        guard let sighting = sighting(of: service) else {
            return KeptDatum(.foreign(Evidence.line("\(service["weighted"] ?? service)")))
        }
        guard let mark = try await item("middlewares/\(name)-bluegreen") else {
            return KeptDatum(sighting)
        }
        let written = mark["headers"]?["customRequestHeaders"]?[TraefikFile.mark]?.words ?? ""
        let kept = KeptDatum(written: written, mayShare: true)
        // Between the two questions Traefik may have taken up another file.
        guard kept.sighting.greenPercent == sighting.greenPercent else {
            let percent = sighting.greenPercent ?? 0
            return KeptDatum(.foreign("\(percent)% green, marked \(Evidence.line(written))"))
        }
        return kept
    }

    /// Whether requests for `color` would be answered by a service at all.
    func hasService(for color: Color) async throws(Failure) -> Bool {
        try await item("services/\(name)-\(color)")?["status"]?.words == "enabled"
    }

    func metrics() async throws(Failure) -> String {
        let answer = try await page.ask("/metrics")
        guard answer.status == 200 else {
            throw Failure(
                .routerUnreachable, "Traefik shows no metrics at \(page)/metrics.",
                evidence: ["status \(answer.status)"],
                hint: "Switch them on in its static configuration: 'metrics: {prometheus: {}}'.")
        }
        return String(decoding: answer.body, as: UTF8.self)
    }

    /// `nil` where Traefik knows no such thing.
    private func item(_ path: String) async throws(Failure) -> JSON? {
        let answer = try await page.ask("/api/http/\(path)@file")
        if answer.status == 404, Self.isKnown(answer.body) { return nil }
        do throws(JSON.Unreadable) {
            guard answer.status == 200 else { throw .malformed }
            return try JSON(parsing: answer.body)
        } catch {
            throw page.garbled("is not Traefik's API", answer.body)
        }
    }

    /// Whether this 404 is the API's own; a wrong address answers one too.
    private static func isKnown(_ body: [UInt8]) -> Bool {
        // What is no JSON is not the API.
        (try? JSON(parsing: body))?["message"] != nil
    }

    private func sighting(of service: JSON) -> Observation.Sighting? {
        guard service["status"]?.words == "enabled",
            let parts = service["weighted"]?["services"]?.items
        else { return nil }
        var weights: [Color: Int] = [:]
        for part in parts {
            let weight = part["weight"]?.whole ?? 1
            guard let color = color(named: part["name"]?.words), weights[color] == nil, weight > 0
            else { return nil }
            weights[color] = weight
        }
        guard weights.count == 2 else { return weights.first.map { .color($0.key) } }
        guard weights.values.reduce(0, +) == 100 else { return nil }
        return Observation.Sighting(greenPercent: weights[.green] ?? 0)
    }

    private func color(named target: String?) -> Color? {
        Color.allCases.first { target == "\(name)-\($0)" }
    }
}
