import Contracts
import PipelineModel
import Synchronization
import TestWorld

@testable import Routers

/// An nginx that reads a link when it is reloaded, on a disk and a clock in memory.
final class FakeReloadedNginx: FakeProxy {
    /// What it does when it is called.
    enum Mood {
        case fine
        /// `nginx -t` fails.
        case refuses
        /// The tests pass and nothing changes, as where a port is taken.
        case ignores
        case cannotBeTold
    }

    static let folder = "/etc/nginx/bluegreen"
    static let link = folder + "/live.conf"
    static let pid = "/run/nginx.pid"
    static let children = "/proc/70/task/70/children"
    let settings: Settings = [
        "reload": ["include": .text(link), "command": ["sudo", "nginx"]],
        "readBack": "http://127.0.0.1:8080/.bluegreen",
    ]

    let disk = MemoryFiles()
    private let state = Mutex(State())

    private struct State {
        var mood = Mood.fine
        var served = "blue"
        /// Answers that the old workers still give after a reload.
        var late = 0
        /// How long it takes to answer.
        var delay = Duration.zero
        var calls: [String] = []
        var now = Duration.zero
    }

    init() {
        for name in ["blue", "green"] { disk["\(Self.folder)/\(name).conf"] = [] }
        disk.makeLink(Self.link, to: "blue.conf")
        disk[Self.pid] = Array("70\n".utf8)
        disk[Self.children] = []
    }

    var mood: Mood {
        get { state.withLock { $0.mood } }
        set { state.withLock { $0.mood = newValue } }
    }

    var live: Color? { Color(rawValue: state.withLock { $0.served }) }
    var calls: [String] { state.withLock { $0.calls } }
    var now: Duration { state.withLock { $0.now } }

    var world: World {
        var world = RouterWorld.world(
            streams: Streams { [self] (_) throws(StreamFailure) in
                Array("HTTP/1.1 200 OK\r\n\r\n\(answer())\n".utf8)
            }, files: disk.files, locks: disk.locks)
        world.processes.run = { [self] (request) throws(Failure) in
            call(request.arguments.joined(separator: " "))
        }
        world.time.now = { [self] in now }
        world.time.sleep = { [self] length in state.withLock { $0.now += length } }
        return world
    }

    /// Old workers take connections for a moment.
    func linger(for answers: Int) { state.withLock { $0.late = answers } }

    /// A busy machine.
    func answer(after delay: Duration) { state.withLock { $0.delay = delay } }

    /// A process that shows this title; `isOurs`: a child of the master.
    func run(_ number: Int, _ title: String, isOurs: Bool = true) {
        disk["/proc/\(number)/cmdline"] = Array("\(title)\0".utf8)
        if isOurs { disk[Self.children]?.append(contentsOf: "\(number) ".utf8) }
    }

    func router() -> NginxRouter? { NginxRouter(settings.section(), world: world) }

    private func answer() -> String {
        state.withLock { state in
            state.now += state.delay
            guard state.late > 0, state.calls.last == "sudo nginx -s reload" else {
                return state.served
            }
            state.late -= 1
            return state.late.isMultiple(of: 3) ? "blue" : state.served
        }
    }

    private func call(_ words: String) -> ProcessResult {
        let target = disk.link(Self.link)
        return state.withLock { state in
            state.calls.append(words)
            let isTest = words == "sudo nginx -t"
            switch state.mood {
            case .refuses where isTest:
                return ProcessResult(
                    ending: .exited(1), errors: "nginx: [emerg] host not found in upstream\n")
            case .cannotBeTold where !isTest:
                return ProcessResult(
                    ending: .exited(1), errors: "nginx: [error] invalid PID number\n")
            case .fine where !isTest: state.served = target == "green.conf" ? "green" : "blue"
            case .fine, .refuses, .ignores, .cannotBeTold: break
            }
            return ProcessResult(ending: .exited(0))
        }
    }
}
