import Contracts
import PipelineModel

/// The calls of one tool on this machine that have not ended: of an owner that was killed, most of all.
struct ToolCallsUnderWay {
    /// The same for everybody who gives this tool these orders, from whatever folder, and whether from
    /// the pipeline or from the record.
    let mark: String
    private let processes: Processes
    private let time: Time

    init(_ settings: Section, in directory: String, _ world: World) {
        let folder = StartingFolder(world.host.workingDirectory).path(to: directory)
        var words = [Self.plain(folder)]
        switch settings.command("switch") {
        case .shell(let script): words.append(script)
        case .vector(let templates):
            words += templates.map { Self.known($0, ["var.", "env."], settings.constants) }
        case nil: break
        }
        // Their values may be passwords, which another person has other ones of.
        words += settings.namedTemplates("env").map { name, value in
            "\(name)=\(Self.known(value, ["var."], settings.constants))"
        }
        mark = words.joined(separator: " ")
        processes = world.processes
        time = world.time
    }

    /// Waits until there are none; returns those that remain. One whose owner has died is asked to end
    /// and has a second for it, so that it is not waited for much longer.
    func end() async -> [ProcessIdentity] {
        let deadline = time.now() + .milliseconds(1500)
        while true {
            let living = processes.kin(ProcessTrace(supervised: mark))
            guard !living.isEmpty, time.now() < deadline else { return living }
            await time.sleep(.milliseconds(10))
        }
    }

    /// With the names filled in whose values do not change from order to order.
    private static func known(
        _ template: Template, _ kinds: [String], _ constants: Constants
    ) -> String {
        template.parts.map { part in
            switch part {
            case .text(let text): return text
            case .name(let name):
                let isKnown = kinds.contains { name.hasPrefix($0) }
                return (isKnown ? constants[name] : nil) ?? "${\(name)}"
            }
        }.joined()
    }

    /// Without the `.` and `..` that one person writes and another does not.
    private static func plain(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}
