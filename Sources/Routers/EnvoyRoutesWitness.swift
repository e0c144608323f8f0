import Contracts
import PipelineModel

/// What Envoy itself says of the routes that it got from a file.
struct EnvoyRoutesWitness: ColorWitness {
    let page: AdminPage
    let file: EnvoyRoutes

    var description: String { page.description + Self.path }

    private static let path = "/config_dump?resource=dynamic_route_configs"

    func color() async throws(Failure) -> Color {
        let shown = try await shown()
        guard case .color(let color) = shown.sighting else {
            throw Failure(
                .routerGarbled, "The routes '\(file.service)' in Envoy are not of one colour.",
                evidence: ["\(shown.sighting)"], hint: "Compare docs/routers/envoy.md.")
        }
        return color
    }

    /// A claim and a token change no colour: that Envoy has those too shows in its `version_info`.
    func sighting(
        beside kept: Observation.Sighting
    ) async throws(Failure) -> Observation.Sighting {
        let shown = try await shown()
        guard shown.sighting == kept, let datum = try lookAtFile().datum, datum.sighting == kept,
            shown.datum != datum
        else { return shown.sighting }
        let version = shown.datum?.written ?? "no datum"
        return .foreign("version_info \(version), and not \(datum.written)")
    }

    /// How often Envoy refused a file since it started.
    func refusals() async -> [String] {
        // Where it does not tell, there is only less to quote.
        guard let answer = try? await page.ask("/stats?filter=rds.\(file.service).update_") else {
            return []
        }
        return String(decoding: answer.body, as: UTF8.self).split(separator: "\n")
            .filter { line in
                [".update_failure: ", ".update_rejected: "].contains(where: line.contains)
                    && !line.hasSuffix(": 0")
            }.map { Evidence.line(String($0)) }
    }

    private func lookAtFile() throws(Failure) -> KeptDatum {
        do throws(FileFailure) {
            return try file.look().kept
        } catch {
            throw Failure(
                .routerUnreachable, "\(file.name) cannot be read.", evidence: [error.message],
                hint: "Check its owner and mode.")
        }
    }

    /// Two listeners that take their routes of this name from different places may differ.
    private func shown() async throws(Failure) -> KeptDatum {
        let answer = try await page.ask(Self.path)
        let configs = try Self.configs(answer, page)
            .filter { $0["route_config"]?["name"]?.words == file.service }
        let data = Set(configs.map(kept))
        guard let first = data.first else { return .absent }
        guard data.count == 1 else {
            return KeptDatum(.foreign("\(data.count) versions of '\(file.service)'"))
        }
        return first
    }

    private func kept(_ config: JSON) -> KeptDatum {
        let written = config["version_info"]?.words ?? ""
        let kept = KeptDatum(written: written, mayShare: true)
        var weights: [Color: Set<Int>] = [:]
        collect(config["route_config"], into: &weights)
        guard let green = kept.sighting.greenPercent,
            weights == [.blue: [100 - green], .green: [green]]
        else {
            return KeptDatum(.foreign("other routes under version_info \(Evidence.line(written))"))
        }
        return kept
    }

    /// The weights that the two clusters have anywhere.
    private func collect(_ json: JSON?, into weights: inout [Color: Set<Int>]) {
        switch json {
        case .list(let items): for item in items { collect(item, into: &weights) }
        case .object(let members):
            for color in Color.allCases
            where members["name"]?.words == "\(file.service)_\(color)" {
                guard let weight = members["weight"]?.whole else { continue }
                weights[color, default: []].insert(weight)
            }
            for member in members.values { collect(member, into: &weights) }
        case .null, .boolean, .integer, .number, .text, nil: break
        }
    }

    private static func configs(
        _ answer: AdminPage.Answer, _ page: AdminPage
    ) throws(Failure) -> [JSON] {
        do throws(JSON.Unreadable) {
            let json = try JSON(parsing: answer.body)
            guard answer.status == 200, case .object = json else { throw .malformed }
            guard let configs = json["configs"] else { return [] }
            guard let items = configs.items else { throw .malformed }
            return items
        } catch {
            throw page.garbled("is not Envoy's routes", answer.body)
        }
    }
}
