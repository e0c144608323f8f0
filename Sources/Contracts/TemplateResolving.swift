package import PipelineModel

extension Template {
    /// The text with every name replaced; a name without a value is a failure that says where it stands.
    package func resolved(_ substitutes: Substitutes) throws(Failure) -> String {
        do throws(MissingSubstitute) {
            return try filled(substitutes)
        } catch {
            throw Failure(error)
        }
    }

    /// Reports every name that has no value here: all but constants and those in `known`.
    package func reportNames(except known: Set<String>, to report: Report) {
        for name in names where !known.contains(name) && !TemplateName.isConstant(name) {
            let fixed = known.sorted().map { "${\($0)}, " }.joined()
            report.error(
                at: position, "'${\(name)}' has no value here",
                hint: "known here: \(fixed)${env.NAME}, ${var.NAME}")
        }
    }

    /// Reports every `${capture.NAME}` whose name is not in `known`, and what only routers know.
    package func reportCaptures(except known: Set<String> = [], to report: Report) {
        for name in names where TemplateName.ofRouters.contains(name) {
            report.error(
                at: position, "'${\(name)}' has no value here",
                hint: "only the routers 'exec' and 'http' know it")
        }
        for name in names where name.hasPrefix("capture.") {
            let captured = String(name.dropFirst("capture.".count))
            guard !known.contains(captured) else { continue }
            report.error(
                at: position, "nothing before this captures '\(captured)'",
                hint: "only an earlier request of the same transaction can capture a value")
        }
    }
}

extension Failure {
    /// A name without a value, where it stands, and how it gets one.
    package init(_ missing: MissingSubstitute) {
        let own = missing.name.dropFirst("env.".count)
        let hint: String? =
            if missing.name.hasPrefix("env.") {
                "Set the environment variable \(own) for bluegreen."
            } else if missing.name.hasPrefix("var.") {
                "Pass --var \(own)=VALUE."
            } else {
                nil
            }
        self.init(
            .substituteMissing, "'\(missing.name)' at \(missing.position) has no value now.",
            hint: hint)
    }
}
