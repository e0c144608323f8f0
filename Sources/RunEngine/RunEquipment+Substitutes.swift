import Contracts
import PipelineModel

/// What the names in a step stand for.
extension RunEquipment {
    /// On `color`, in a run of `plan`, with these `releases` on the colours.
    func substitutes(
        for color: Color, _ plan: RunPlan, _ releases: [Color: Release]
    ) -> Substitutes {
        var values = [
            "color": color.rawValue, "url": colors[color] ?? "",
            "live.color": plan.from.rawValue, "idle.color": plan.from.other.rawValue,
        ]
        values["port"] = port(of: color)
        for (name, color) in [("live", plan.from), ("idle", plan.from.other)] {
            values[name + ".url"] = colors[color]
            values[name + ".version"] = releases[color]?.version
        }
        if let release = releases[color] {
            values["version"] = release.version
            values["release.version"] = release.version
            values["release.artifact"] = release.artifact
            values["release.digest"] = release.artifactDigest
        }
        return Substitutes(values, constants: constants)
    }

    private func port(of color: Color) -> String? {
        // The address was read as one when the pipeline was.
        (try? WebAddress(colors[color] ?? "")).map { String($0.port) }
    }
}
