import Contracts
import PipelineModel

/// What Envoy itself says at its admin address.
struct EnvoyAdmin: ColorWitness {
    let page: AdminPage
    /// `shop`, for the runtime key `shop.green` and the clusters `shop_blue` and `shop_green`.
    let name: String

    var description: String { page.description + "/runtime" }

    /// By the share of requests that the runtime gives to green: all or none.
    func color() async throws(Failure) -> Color {
        let answer = try await page.ask("/runtime")
        let value = try Self.entries(answer, page)["\(name).green"]?["final_value"]
        switch value?.words {
        case "100": return .green
        case "0": return .blue
        case nil where value == nil: return .blue
        default:
            throw Failure(
                .routerGarbled, "'\(name).green' in Envoy's runtime is neither 0 nor 100.",
                evidence: [Evidence.line(value.map { "\($0)" } ?? "")],
                hint: "Something set it: compare docs/routers/envoy.md.")
        }
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
