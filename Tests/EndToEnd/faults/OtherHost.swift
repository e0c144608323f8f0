import Glibc
import TrafficRig

/// Another machine: a network namespace with one cable to this one.
struct OtherHost {
    private let name: String
    private let cable: String
    /// This machine, as the other one sees it.
    let here: String

    /// The words before a command that runs there.
    var prefix: [String] { ["ip", "netns", "exec", name] }

    static func open(_ body: (OtherHost) async throws -> Void) async throws {
        // Four addresses for each process, as several may have a network at the same time.
        let number = getpid() % 16_384 * 4
        let network = "10.87.\(number / 256)"
        let low = number % 256
        let host = OtherHost(
            name: "bluegreen-\(getpid())", cable: "bg\(getpid())", here: "\(network).\(low + 1)")
        try await call("ip", "netns", "add", host.name)
        do {
            try await host.connect(as: "\(network).\(low + 2)")
            try await body(host)
        } catch {
            try await call("ip", "netns", "del", host.name)
            throw error
        }
        // The cable goes with it.
        try await call("ip", "netns", "del", host.name)
    }

    private func connect(as there: String) async throws {
        let end = "eth0"
        try await Self.call(
            "ip", "link", "add", cable, "type", "veth", "peer", "name", end, "netns", name)
        try await Self.call("ip", "addr", "add", "\(here)/30", "dev", cable)
        try await Self.call("ip", "-n", name, "addr", "add", "\(there)/30", "dev", end)
        try await Self.call("ip", "-n", name, "link", "set", end, "up")
        try await heal()
    }

    /// From now on nothing arrives.
    func cut() async throws { try await Self.call("ip", "-n", name, "link", "set", "eth0", "down") }

    func heal() async throws {
        try await Self.call("ip", "link", "set", cable, "up")
        try await Self.call("ip", "-n", name, "link", "set", "eth0", "up")
    }

    private static func call(_ words: String...) async throws {
        let done = try await ChildProcess.run(words)
        guard done.status == 0 else { throw RigFailure("\(words): \(done)") }
    }
}
