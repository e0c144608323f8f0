import Contracts
import Glibc
import Testing

@testable import LiveWorld

@Suite struct ProcessTableTests {
    let processes = World.live().processes
    let folder: TemporaryFolder
    let mark = "MARK=\(UInt64.random(in: .min ... .max))"

    init() throws { folder = try TemporaryFolder() }

    /// Its session is not asked about where `process` is `nil`.
    private func kin(_ process: ProcessIdentity?, _ mark: String) -> [ProcessIdentity] {
        processes.kin(ProcessTrace(process: process, mark: mark, log: folder("log")))
    }

    /// Runs a script that carries the mark until the test is done with it.
    private func withScript(
        _ script: String, _ use: (ProcessIdentity) async throws -> Void
    ) async throws {
        let (name, value) = ("MARK", String(mark.dropFirst(5)))
        let process = try await processes.start(
            BackgroundRequest(
                arguments: ["sh", "-c", script],
                environment: ["PATH": "/usr/bin:/bin", name: value], log: folder("log")))
        while try !folder.text("log").contains("up") { await Task.yield() }
        try await use(process)
        for left in kin(process, mark) { #expect(await processes.end(left, .zero)) }
        #expect(kin(process, mark).isEmpty)
    }

    @Test func `a process is found by its mark alone`() async throws {
        try await withScript("echo up; exec sleep 60") { process in
            #expect(kin(nil, mark) == [process])
            #expect(kin(nil, mark + "0").isEmpty)
        }
    }

    @Test func `what dropped the mark is found by its session`() async throws {
        try await withScript("env -i /bin/sh -c 'echo up; exec sleep 60' & wait") { process in
            #expect(kin(nil, mark) == [process])
            let found = kin(process, mark)
            #expect(found.count == 2)
            #expect(found.first == process)
        }
    }

    @Test func `what left the session is found by its mark`() async throws {
        try await withScript("setsid sh -c 'echo up; exec sleep 60' & wait") { process in
            #expect(kin(process, mark).count == 2)
        }
    }

    @Test func `the session of a later process with the same number is left alone`() async throws {
        try await withScript("echo up; exec sleep 60") { process in
            var earlier = process
            earlier.startTime -= 1
            #expect(kin(earlier, "MARK=another").isEmpty)
        }
    }

    @Test func `what dropped the mark is found when the first of its session is dead`() async throws
    {
        let script = "env -i /bin/sh -c 'echo up; exec sleep 60' & wait"
        try await withScript(script) { process in
            #expect(await processes.end(process, .zero))
            let found = kin(process, mark)
            #expect(found.count == 1)
            #expect(found.first.map { getsid($0.pid) } == process.pid)
        }
    }

    @Test func `the session of a dead stranger with the same number is left alone`() async throws {
        let silent = "exec 3>&1 >/dev/null 2>&1; echo up >&3; exec sleep 60"
        try await withScript("env -i /bin/sh -c '\(silent)' & wait") { process in
            let stranger = try #require(kin(process, mark).last)
            #expect(stranger != process)
            #expect(await processes.end(process, .zero))
            #expect(kin(process, mark).isEmpty)
            #expect(await processes.end(stranger, .zero))
        }
    }

    @Test func `nothing of a session is found that is older than what was recorded`() async throws {
        try await withScript("env -i /bin/sh -c 'echo up; exec sleep 60' & wait") { process in
            let worker = try #require(kin(process, mark).last)
            #expect(await processes.end(process, .zero))
            var later = process
            later.startTime = worker.startTime + 1
            #expect(kin(later, mark).isEmpty)
        }
    }

    @Test func `nothing of a session is found after a restart of the machine`() async throws {
        try await withScript("env -i /bin/sh -c 'echo up; exec sleep 60' & wait") { process in
            #expect(await processes.end(process, .zero))
            var earlier = process
            earlier.bootID = "another"
            #expect(kin(earlier, mark).isEmpty)
        }
    }

    @Test func `who listens on a port is named`() throws {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        defer { close(socket) }
        #expect(listen(socket, 1) == 0)
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutableBytes(of: &address) { bytes in
            _ = bytes.withMemoryRebound(to: sockaddr.self) {
                getsockname(socket, $0.baseAddress, &size)
            }
        }
        let port = Int(UInt16(bigEndian: address.sin_port))
        #expect(processes.listener(nil, port)?.pid == getpid())
        // It listens on every address.
        #expect(processes.listener("127.0.0.1", port)?.pid == getpid())
    }

    @Test func `who listens on another address of this machine is nobody's rival`() throws {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(bigEndian: 0x7F00_0002)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutableBytes(of: &address) { bytes in
            _ = bytes.withMemoryRebound(to: sockaddr.self) {
                Glibc.bind(socket, $0.baseAddress, size) + listen(socket, 1)
                    + getsockname(socket, $0.baseAddress, &size)
            }
        }
        let port = Int(UInt16(bigEndian: address.sin_port))
        #expect(processes.listener("127.0.0.2", port)?.pid == getpid())
        #expect(processes.listener("127.0.0.1", port) == nil)
        #expect(processes.listener("localhost", port)?.pid == getpid())
    }

    @Test func `nobody listens on a port of the kernel's own choosing`() {
        #expect(processes.listener(nil, 0) == nil)
    }
}
