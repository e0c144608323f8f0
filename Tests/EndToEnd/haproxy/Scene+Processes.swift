import FoundationEssentials
import Glibc
import Testing
import TrafficRig

/// What the note of a colour says of its process.
struct ProcessNote: Codable {
    struct Identity: Codable {
        var pid: Int32
        var startTime: UInt64
        var bootID: String
    }

    var schemaVersion: Int
    var mark: String
    var process: Identity?
}

/// A shop whose pipeline has a `process` step.
extension Scene {
    static let backend = """
        ["\(Products.exampleBackend)", "--port", "${port}", "--color", "${color}", \
        "--version", "${version}"]
        """

    /// Blue is live and was started by hand; green is to be started by the program.
    static func openProcess(
        _ command: String = Self.backend, more: String = "    ready: /healthz",
        _ body: (Scene) async throws -> Void
    ) async throws {
        let deploy = """
            deploy:
              - name: app
                process: \(command)
                timeout: 20s
            \(more)
            retire:
              after: 0s
            """
        try await open(.map(), PipelineText(deploy: deploy)) { scene in
            scene.shop.green.process.killAtOnce()
            do {
                try await body(scene)
            } catch {
                scene.endProcesses()
                throw error
            }
            scene.endProcesses()
        }
    }

    /// Ends what was left running, recognised by the folder that only this scene has.
    private func endProcesses() {
        for pid in processes { kill(pid, SIGKILL) }
    }

    /// Everything whose output goes into the record.
    var processes: [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.filter { pid in
            let output = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/\(pid)/fd/1")
            return output?.hasPrefix(record + "/processes/") ?? false
        }
    }

    func note(_ color: String) throws -> ProcessNote {
        let text = try folder.read(".bluegreen/shop/processes/\(color).json")
        return try JSONDecoder().decode(ProcessNote.self, from: Data(text.utf8))
    }

    func pid(_ color: String) throws -> Int32 {
        try #require(note(color).process).pid
    }

    func write(_ note: ProcessNote, _ color: String) throws {
        let text = String(decoding: try JSONEncoder().encode(note), as: UTF8.self)
        try folder.write(text, to: ".bluegreen/shop/processes/\(color).json")
    }

    func deployed(_ version: String) async throws {
        let done = try await run("deploy", version)
        #expect(done.status == 0, "\(done)")
    }
}

/// What has ended and only waits for its parent to notice does not live.
func isAlive(_ pid: Int32) -> Bool {
    guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
    else { return false }
    return !stat.contains(") Z ")
}
