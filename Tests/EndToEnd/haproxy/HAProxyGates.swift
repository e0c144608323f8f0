import TrafficRig

/// The gates before everything that the program asks of one HAProxy: its runtime API, and the frontend
/// of the register where it has one.
struct HAProxyGates {
    /// What the program asks; named as a map has it, a register has requests for the same.
    enum Command: String, CaseIterable {
        case write = "set map"
        case read = "get map"
        case count = "show stat"
        case any = "any command"

        /// What only such a command to the runtime API has in it.
        var words: String { self == .any ? "" : rawValue }

        /// What only such a request to the register has in it; nil where there is none.
        var request: String? {
            switch self {
            case .write: "x-bluegreen-raise:"
            case .read: "connection: close\r\n\r\n"
            case .count: nil
            case .any: ""
            }
        }
    }

    let runtime: RuntimeGate
    /// Nil where a map is written.
    let register: RuntimeGate?

    /// Opens them in the folder of `haproxy` while `body` runs.
    static func open(
        before haproxy: HAProxyRig, _ mechanism: HAProxyConfiguration.Mechanism,
        _ body: (HAProxyGates) async throws -> Void
    ) async throws {
        let path = haproxy.folder.file("gate.sock")
        try await RuntimeGate.open(before: haproxy.socket, at: path) { runtime in
            guard case .register = mechanism else {
                return try await body(HAProxyGates(runtime: runtime, register: nil))
            }
            let path = haproxy.folder.file("register-gate.sock")
            try await RuntimeGate.open(before: haproxy.controlSocket, at: path) { register in
                try await body(HAProxyGates(runtime: runtime, register: register))
            }
        }
    }

    /// From now on such commands are held, until they are released.
    func hold(_ command: Command, _ hold: RuntimeGate.Hold) {
        runtime.hold(command.words, hold)
        if let request = command.request { register?.hold(request, hold) }
    }

    /// Whether a command met the rule since it was made.
    var hasStruck: Bool { all.contains(where: \.hasStruck) }

    /// HAProxy has seen everything that was held when this returns.
    func releaseAndWait() async throws {
        for gate in all { try await gate.releaseAndWait() }
    }

    /// What is held stays unanswered for ever.
    func forget() {
        for gate in all { gate.forget() }
    }

    private var all: [RuntimeGate] { [runtime, register].compactMap(\.self) }
}
