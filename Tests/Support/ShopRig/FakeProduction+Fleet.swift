import Commands
import Contracts
package import PipelineModel

/// Several HAProxys in front of the same two environments.
extension FakeProduction {
    package struct Member: Sendable {
        package var value: String? = "blue:green:0:0"
        package var isUp = true
        /// What a write does instead of changing the value.
        package var ignoresWrites = false
        /// Answers no more once it was written.
        package var diesOfWrite = false
        /// Colours whose servers it sees as down.
        package var downColors: Set<Color> = []
    }

    package static func socket(_ name: String) -> String { "/run/\(name)/admin.sock" }
    package static func mapFile(_ name: String) -> String { "/etc/haproxy/\(name).map" }

    package func addFleet(_ names: String...) {
        change { state in
            for name in names { state.fleet[Self.socket(name)] = Member() }
        }
        for name in names { persist("blue:green:0:0", in: Self.mapFile(name)) }
    }

    package func change(_ name: String, _ change: (inout Member) -> Void) {
        self.change { state in
            guard var member = state.fleet[Self.socket(name)] else { return }
            change(&member)
            state.fleet[Self.socket(name)] = member
        }
    }

    package func value(of name: String) -> String? {
        var value: String?
        change(name) { value = $0.value }
        return value
    }

    static func values(_ state: State) -> [String] {
        guard !state.fleet.isEmpty else { return state.value.map { [$0] } ?? [] }
        return state.fleet.sorted { $0.key < $1.key }.map { $0.value.value ?? "" }
    }

    /// All of them read their files again.
    package func reload() {
        var names: [String] = []
        change { names = $0.fleet.keys.map(Self.name) }
        guard !names.isEmpty else { return setValue(persisted.first) }
        for name in names { change(name) { $0.value = persisted(in: Self.mapFile(name)) } }
        change(Self.showUsersTheWay)
    }

    static func name(_ socket: String) -> String {
        String(socket.dropFirst("/run/".count).dropLast("/admin.sock".count))
    }

    private static func showUsersTheWay(_ state: inout State) {
        let first = state.fleet.filter(\.value.isUp).min { $0.key < $1.key }
        state.value = first?.value.value
    }

    /// As if that one were the only one; the first that is up is the way of the users.
    package static func answer(
        of path: String, to commands: [Substring], _ state: inout State
    ) -> String? {
        guard var member = state.fleet[path], member.isUp else { return nil }
        let (ignoresWrites, users) = (state.ignoresWrites, state.value)
        (state.value, state.ignoresWrites) = (member.value, member.ignoresWrites)
        let up = state.environments.mapValues(\.serversUp)
        for color in member.downColors { state.environments[color]?.serversUp = 0 }
        let answer = commands.map { Self.answer(to: $0, &state) }.joined()
        for (color, count) in up { state.environments[color]?.serversUp = count }
        if member.diesOfWrite, state.value != member.value { member.isUp = false }
        (member.value, state.value, state.ignoresWrites) = (state.value, users, ignoresWrites)
        state.fleet[path] = member
        showUsersTheWay(&state)
        return member.isUp ? answer : nil
    }
}
