import Contracts

/// A process that was started for a colour, with all that it started itself.
struct ProcessFamily: Sendable {
    let trace: ProcessTrace
    let world: World

    var members: [ProcessIdentity] { world.processes.kin(trace) }

    /// SIGTERM to every member, SIGKILL after `grace` or at `deadline`, whichever is first; returns
    /// those that did not end.
    ///
    /// A member that ends may have started another one a moment before: looked at once more.
    @discardableResult
    func end(_ grace: Duration, until deadline: Duration? = nil) async -> [ProcessIdentity] {
        for _ in 1...3 {
            let members = members
            guard !members.isEmpty else { return [] }
            let left = deadline.map { max(.zero, $0 - world.time.now()) } ?? grace
            await withTaskGroup(of: Void.self) { group in
                for member in members {
                    group.addTask { _ = await world.processes.end(member, min(grace, left)) }
                }
            }
        }
        return members
    }
}
