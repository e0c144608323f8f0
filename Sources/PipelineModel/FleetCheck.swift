/// What must hold between the routers of one fleet.
struct FleetCheck {
    let root: Section
    private var report: Report { root.report }

    func check(_ routers: [RouterSettings]) {
        guard let section = root.section("routers") else {
            return refuseAlone()
        }
        checkNames(in: section)
        checkTwins(routers, in: section)
        checkQuorum(of: names(in: section).count)
    }

    private func refuseAlone() {
        guard root.has("fleet"), root.has("router") else { return }
        report.error(
            at: root.position(of: "fleet"), "'fleet' is about several routers",
            hint: "name them under 'routers', or remove 'fleet'")
    }

    private func names(in section: Section) -> [Node.Entry] {
        guard case .mapping(let entries) = section.node.content else { return [] }
        return entries
    }

    private func checkNames(in section: Section) {
        if case .mapping(let entries) = section.node.content, entries.isEmpty {
            report.error(at: section.position, "'routers' names no router")
        }
        for entry in names(in: section) where !ScalarCheck.isName(entry.key) {
            report.error(at: entry.keyPosition, "a router must have \(Shape.name.words)")
        }
    }

    /// One router under two names would count twice, and be called a fleet.
    private func checkTwins(_ routers: [RouterSettings], in section: Section) {
        var known: [String: String] = [:]
        for router in routers {
            let written = router.kind + router.section.recipe()
            if let twin = known[written] {
                report.error(
                    at: section.position(of: router.name),
                    "'\(router.name)' is the same router as '\(twin)'", hint: "keep one")
            }
            known[written] = known[written] ?? router.name
        }
    }

    private func checkQuorum(of routers: Int) {
        guard let section = root.section("fleet")?.section("require"),
            let count = section.integer("quorum"), routers > 0,
            !FleetRequirement.isQuorum(count, of: routers)
        else { return }
        report.error(
            at: section.position(of: "quorum"),
            "'quorum' must be more than half of the routers, and not more than all",
            hint: "of \(routers) that is \(routers / 2 + 1)"
                + (routers / 2 + 1 < routers ? " to \(routers)" : ""))
    }
}
