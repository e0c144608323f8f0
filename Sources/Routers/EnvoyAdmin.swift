import Contracts
import PipelineModel

/// What Envoy itself says at its admin address.
struct EnvoyAdmin: ColorWitness {
    let page: AdminPage
    /// `shop`, for the runtime key `shop.green` and the clusters `shop_blue` and `shop_green`.
    let name: String

    var description: String { page.description + "/runtime" }

    func color() async throws(Failure) -> Color {
        let percent = try await greenPercent()
        guard case .color(let color) = Observation.Sighting(greenPercent: percent) else {
            throw garbled("\(percent)")
        }
        return color
    }

    func sighting(
        beside kept: Observation.Sighting
    ) async throws(Failure) -> Observation.Sighting {
        let percent = try await greenPercent()
        return kept.greenPercent == percent ? kept : .init(greenPercent: percent)
    }

    /// The share of requests that the runtime gives to green.
    private func greenPercent() async throws(Failure) -> Int {
        let answer = try await page.ask("/runtime")
        guard let value = try Self.entries(answer, page)["\(name).green"] else { return 0 }
        let words = value["final_value"]?.words
        guard let percent = words.flatMap({ Int($0) }), (0...100).contains(percent) else {
            throw garbled(words ?? "\(value)")
        }
        return percent
    }

    private func garbled(_ value: String) -> Failure {
        Failure(
            .routerGarbled, "'\(name).green' in Envoy's runtime is not a number from 0 to 100.",
            evidence: [Evidence.line(value)],
            hint: "Something set it: compare docs/routers/envoy.md.")
    }

    /// Every number that Envoy keeps about the two clusters, by the name behind that of the cluster.
    func statistics() async throws(Failure) -> [Color: [String: Int]] {
        let answer = try await page.ask("/stats?filter=cluster.\(name)_")
        guard answer.status == 200 else {
            throw page.garbled("is not Envoy's statistics", answer.body)
        }
        var numbers: [Color: [String: Int]] = [:]
        for line in String(decoding: answer.body, as: UTF8.self).split(separator: "\n") {
            for color in Color.allCases where line.hasPrefix("cluster.\(name)_\(color).") {
                let parts = line.dropFirst("cluster.\(name)_\(color).".count)
                    .split(separator: ": ", maxSplits: 1)
                guard parts.count == 2, let number = Int(parts[1]) else { continue }
                numbers[color, default: [:]][String(parts[0])] = number
            }
        }
        return numbers
    }

    private static func entries(
        _ answer: AdminPage.Answer, _ page: AdminPage
    ) throws(Failure) -> JSON {
        do throws(JSON.Unreadable) {
            guard answer.status == 200,
                let entries = try JSON(parsing: answer.body)["entries"], case .object = entries
            else { throw .malformed }
            return entries
        } catch {
            throw page.garbled("is not Envoy's runtime", answer.body)
        }
    }
}
