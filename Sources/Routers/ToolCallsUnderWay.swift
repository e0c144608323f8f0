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
        var words = [folder.plainPath]
        switch settings.command("switch") {
        case .shell(let script): words.append(script)
        case .vector(let templates):
            words += templates.map {
                $0.written(filling: ["var.", "env."], from: settings.constants)
            }
        case nil: break
        }
        // Their values may be passwords, which another person has other ones of.
        words += settings.namedTemplates("env").map { name, value in
            "\(name)=" + value.written(filling: ["var."], from: settings.constants)
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
}

extension Template {
    /// As the pipeline file has it, with the names filled in that begin so: a secret stays a name.
    func written(filling kinds: [String] = [], from constants: Constants = Constants()) -> String {
        parts.map { part in
            switch part {
            case .text(let text): return text
            case .name(let name):
                let isFilled = kinds.contains { name.hasPrefix($0) }
                return (isFilled ? constants[name] : nil) ?? "${\(name)}"
            }
        }.joined()
    }
}
