import Contracts

/// What a router can do, and what a switch through it can break, in words.
struct AbilityWords {
    let fencing: Fencing
    let abilities: RouterAbilities
    /// What of these its proxy has only by lines of its configuration, which were not found.
    var believed: Set<RouterAbilities.Believed> = []
    /// Whether a probe has found the router as it was declared.
    var isTested = false

    /// `class S, declared, not tested`
    var classWords: String {
        let name = "class \(fencing.rawValue)"
        guard abilities.isDeclared else { return name }
        return name + (isTested ? ", declared and tested" : ", declared, not tested")
    }

    var promise: String {
        switch fencing {
        case .token: "the router refuses a stale writer"
        case .synchronous:
            abilities.isDeclared
                ? "done when it returns; what was asked for by a writer that died may follow"
                : "done when it returns; a stale writer here is ended first"
        case .asynchronous: "may take effect a moment later"
        }
    }

    /// What a switch does to traffic.
    var effects: String {
        [
            Self.choice(
                abilities.isAtomic, "one step for each request", "not one step",
                "one step or not: not known"),
            Self.choice(
                abilities.keepsConnections, "open connections stay", "cuts open connections",
                "open connections: not known"),
            Self.choice(
                abilities.isDurable, "outlives a restart", "a restart forgets it",
                "after a restart: not known"),
        ].joined(separator: "; ")
    }

    /// What it tells, and what it cannot do.
    func senses(counting counts: [RouterMetricName]) -> String {
        let counted = counts.map(\.rawValue).joined(separator: ", ")
        return (abilities.showsDrain ? "the drain" : "no drain") + "; "
            + (counted.isEmpty ? "counts nothing" : counted)
            + Self.word("canary", abilities.sharesTraffic, isSure: !believed.contains(.shares))
            + Self.word("preview", abilities.routesTesters, isSure: !believed.contains(.testers))
    }

    private static func word(_ name: String, _ isAble: Bool, isSure: Bool) -> String {
        guard isAble else { return "; no \(name)" }
        return isSure ? "; \(name)" : "; \(name) not known"
    }

    /// What a switch can break, for a plan; empty where it breaks nothing.
    var risks: [String] {
        var risks: [String] = []
        switch abilities.isAtomic {
        case true?: break
        case false?: risks.append("requests go to both colours for a moment")
        case nil: risks.append("requests may go to both colours for a moment")
        }
        switch abilities.keepsConnections {
        case true?: break
        case false?: risks.append("open connections are cut, and requests on them may be lost")
        case nil: risks.append("open connections may be cut")
        }
        if abilities.isDurable == false { risks.append("a restart of the router forgets it") }
        if fencing == .asynchronous { risks.append("it may take effect a moment later") }
        return risks
    }

    private static func choice(_ fact: Bool?, _ yes: String, _ no: String, _ open: String) -> String
    {
        switch fact {
        case true?: yes
        case false?: no
        case nil: open
        }
    }
}
