import Contracts

/// A process that was started for a colour, with all that it started itself.
struct ProcessFamily: Sendable {
    let process: ProcessIdentity?
    let mark: String
    let processes: Processes

    var members: [ProcessIdentity] { processes.kin(process, mark) }

    /// SIGTERM to every member, after `grace` SIGKILL; returns those that did not end.
    ///
    /// A member that ends may have started another one a moment before: looked at once more.
    @discardableResult
    func end(_ grace: Duration) async -> [ProcessIdentity] {
        for _ in 1...3 {
            let members = members
            guard !members.isEmpty else { return [] }
            await withTaskGroup(of: Void.self) { group in
                for member in members {
                    group.addTask { _ = await processes.end(member, grace) }
                }
            }
        }
        return members
    }
}
