import FoundationEssentials
import Glibc
import Testing
import TrafficRig

extension RealHAProxy {
    /// Nobody can call the program: what it is told comes from its arguments, its files and its terminal.
    @Suite(.serialized)
    struct IncomingCallTests {
        @Test func `a command that is under way listens nowhere`() async throws {
            let pipeline = PipelineText(deploy: PipelineText.endlessDeploy)
            try await Scene.open(.map(), pipeline) { scene in
                try await scene.beside("deploy", "2.1.0") { deploy in
                    let step = try await scene.endlessStep()
                    for pid in [deploy.pid, getsid(step), step] {
                        #expect(try sockets(of: pid).isDisjoint(with: listening))
                    }
                    // Whoever does listen is found.
                    let backend = try sockets(of: scene.blue.process.pid)
                    #expect(!backend.isDisjoint(with: try listening))
                    deploy.killAtOnce()
                }
            }
        }

        /// The numbers of the sockets that a process has open.
        private func sockets(of pid: Int32) throws -> Set<Substring> {
            let files = FileManager.default
            let open = try files.contentsOfDirectory(atPath: "/proc/\(pid)/fd").compactMap {
                // It may be closed by now.
                try? files.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\($0)")
            }
            return Set(
                open.filter { $0.hasPrefix("socket:[") }.map { $0.dropFirst(8).dropLast() })
        }

        /// The numbers of all sockets of this machine at which somebody can call.
        private var listening: Set<Substring> {
            get throws {
                // Columns: state 4th, number 10th; of unix sockets flags 4th, number 7th.
                let tcp = try ["tcp", "tcp6"].flatMap { try numbers($0, 3, is: "0A", at: 9) }
                return Set(tcp + (try numbers("unix", 3, is: "00010000", at: 6)))
            }
        }

        private func numbers(
            _ table: String, _ column: Int, is mark: String, at index: Int
        ) throws -> [Substring] {
            try String(contentsOfFile: "/proc/net/\(table)", encoding: .utf8).split(separator: "\n")
                .map { $0.split(separator: " ") }
                .filter { $0.count > index && $0[column] == mark }.map { $0[index] }
        }
    }
}
