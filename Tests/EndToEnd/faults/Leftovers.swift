import FoundationEssentials
import Glibc
import TrafficRig

/// What a command that has ended must not leave behind.
struct Leftovers {
    let folder: TemporaryFolder

    /// A `deploy:` whose step writes down that another copy of it was still running.
    static let watchedDeploy = """
        deploy:
          - name: start
            run: ["sh", "step.sh", "-fsS", "--max-time", "5", "-d", "\(body)", "${url}/control"]
        """
    private static let body = #"{\"version\":\"${version}\",\"errors\":0,\"latency\":0}"#
    private static let doubled = "step.doubled"

    /// Writes the script of `watchedDeploy`. Its lock goes on to curl, which it becomes. A `flock` that is
    /// itself hit by the fault has found nothing: only 75 says that somebody else has the lock.
    func prepare() throws {
        let script = """
            exec 9>step.lock
            flock -n -E 75 9
            [ $? != 75 ] || echo "$$" >> \(Self.doubled)
            exec curl "$@"
            """
        try folder.write(script, to: "step.sh")
    }

    /// What is there that should not be. Processes have the time to end that steps are given.
    func found() async throws -> [String] {
        var wrong: [String] = []
        do {
            try await eventually("the end of every process", within: .seconds(8)) {
                processes.isEmpty
            }
        } catch {
            wrong.append("still running: \(processes)")
        }
        if access(folder.file(Self.doubled), F_OK) == 0 {
            wrong.append("two copies of a step ran at once")
            try FileManager.default.removeItem(atPath: folder.file(Self.doubled))
        }
        return wrong
    }

    /// Ends what has outlived its strace.
    func end() {
        for process in processes {
            if let id = process.split(separator: " ").first.flatMap({ Int32($0) }) {
                kill(id, SIGKILL)
            }
        }
    }

    /// Every process that works in the folder: the program, its supervisors and steps.
    private var processes: [String] {
        let files = FileManager.default
        // What has ended meanwhile has no folder any more.
        return ((try? files.contentsOfDirectory(atPath: "/proc")) ?? []).filter { name in
            Int32(name) != nil
                && (try? files.destinationOfSymbolicLink(atPath: "/proc/\(name)/cwd"))
                    == folder.path
                && isAlive(Int32(name) ?? 0)
        }
        .map { name in
            let words = (try? String(contentsOfFile: "/proc/\(name)/cmdline", encoding: .utf8))
            return "\(name) \(words?.replacing("\0", with: " ") ?? "")"
        }
    }

    /// Files that wait to be put in the place of another one.
    var asides: [String] {
        // What vanishes meanwhile is not left.
        let all = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []
        return all.filter { $0.hasSuffix(".tmp") }.map { "left aside: \($0)" }
    }
}
