import FoundationEssentials
import Glibc
import Testing
import TrafficRig

/// A scene that is set back to the same situation before every fault, and asked the same after it.
struct FaultGround {
    /// What is the case before the command that a fault hits.
    enum Situation: String, CaseIterable, CustomStringConvertible {
        case switching = "switch"
        case rollingBack = "rollback"
        case resuming = "resume"
        case aborting = "abort"
        case deploying = "deploy"

        var description: String { rawValue }

        var command: [String] {
            switch self {
            case .switching, .rollingBack, .resuming, .aborting: [rawValue]
            case .deploying: ["deploy", "2.3.0"]
            }
        }

        /// Where `rollback` brings the traffic afterwards.
        var home: String { self == .rollingBack ? "blue" : "green" }

        /// Where production may be after the command ended with `status`: what docs/exit-codes.md says.
        func places(after status: Int32) -> Set<String> {
            let before: Set = self == .resuming ? ["blue"] : ["green"]
            let after: Set = self == .aborting ? ["green"] : ["blue"]
            switch status {
            case 0: return after
            case 22: return after
            case 74: return self == .rollingBack ? after : before
            // 130, 143, 129: stopped by a signal, where it said.
            case 20, 21, 129, 130, 143: return ["blue", "green"]
            case 11: return ["green"]
            // 70 and 127: it could not even begin, without /proc or a library of the system.
            case 10, 30, 32, 33, 40, 70, 78, 127: return before
            default: return []
            }
        }
    }

    let scene: Scene
    /// What the program takes for HAProxy's runtime API.
    let gate: RuntimeGate
    let situation: Situation
    /// What HAProxy answers by, and what it would after a reload.
    private let effective: String
    private let durable: String

    private static let record = ".bluegreen"
    private static let copy = "record-before"

    /// Brings a shop into `situation`, and runs `body` on it.
    static func open(
        _ situation: Situation, _ body: (FaultGround) async throws -> Void
    ) async throws {
        try await Scene.open { scene in
            let path = scene.folder.file("gate.sock")
            try scene.write(PipelineText(socket: path))
            try await RuntimeGate.open(before: scene.shop.haproxy.socket, at: path) { gate in
                try await scene.succeed("deploy", "2.0.0")
                try await scene.leave(situation, gate)
                try FileManager.default.copyItem(
                    atPath: scene.folder.file(record), toPath: scene.folder.file(copy))
                try await body(
                    FaultGround(
                        scene: scene, gate: gate, situation: situation,
                        effective: try scene.effective(),
                        durable: try scene.folder.read(HAProxyRig.mapName)))
            }
        }
    }

    /// The situation again, byte for byte.
    func reset() throws {
        let folder = scene.folder
        try FileManager.default.removeItem(atPath: folder.file(Self.record))
        try FileManager.default.copyItem(
            atPath: folder.file(Self.copy), toPath: folder.file(Self.record))
        try folder.write(durable, to: HAProxyRig.mapName)
        let haproxy = scene.shop.haproxy
        let answer = try haproxy.runtime(
            "set map \(haproxy.mapFile) \(HAProxyConfiguration.key) \(effective)")
        guard answer.trimming.isEmpty else { throw RigFailure(answer) }
    }

    // MARK: The questions

    /// What every fault must leave: a `status` that tells the truth, and a way back that works.
    /// Returns what is wrong, empty if nothing is.
    ///
    /// `hint` is a word that `status` must say, about a damage that it has to notice.
    func wrongAnswers(
        after ending: FinishedProcess? = nil, hint: String? = nil
    ) async throws -> [String] {
        var wrong: [String] = []
        let before = try await answer("status", in: &wrong)
        if let hint, before?.problems.contains(where: { $0.what.contains(hint) }) != true {
            wrong.append("status does not say '\(hint)': \(before?.problems.map(\.what) ?? [])")
        }
        let real = try await live()
        if before?.routers.first?.now != real {
            wrong.append("status names \(before?.routers.first?.now ?? "nobody"), \(real) is live")
        }
        if [129, 130, 143].contains(ending?.status), before?.exit != 0 {
            wrong.append("interrupted, and status is \(before?.exit ?? -1)")
        }
        if before?.exit == 0, let intent = try openIntent() {
            wrong.append("status is 0, but \(intent) is open")
        }
        if let ending, let status = ending.status, !situation.places(after: status).contains(real) {
            wrong.append("\(real) is live after \(ending)")
        }
        var back = try await scene.run(["rollback", "--to", situation.home])
        // A busy machine, not a wrong answer: it looks for 300 ms whether the old colour serves.
        if back.status == 21 { back = try await scene.run(["rollback", "--to", situation.home]) }
        if back.status != 0 { wrong.append("rollback: \(back)") }
        if try await live() != situation.home { wrong.append("rollback moved nothing: \(back)") }
        if try !scene.folder.read(HAProxyRig.mapName).contains(" \(situation.home):") {
            wrong.append("after a restart it would not be \(situation.home)")
        }
        let after = try await answer("status", in: &wrong)
        if let after, after.exit != 0 {
            wrong.append("status after rollback: \(after.exit), \(after.problems.map(\.what))")
        }
        return wrong
    }

    /// The colour that answers users, and that HAProxy names.
    private func live() async throws -> String {
        let value = try scene.effective()
        let seen = try await scene.live() ?? "nobody"
        guard value.hasPrefix("\(seen):") else { throw RigFailure("\(seen), but \(value)") }
        return seen
    }

    /// The last announced move of traffic in the newest run, where nothing says how it ended.
    private func openIntent() throws -> String? {
        let lines = try scene.journal()
        let newest = lines.filter { $0.e == lines.last?.e }.map(\.k)
        let moves: Set = ["switchIntended", "undoIntended", "rollbackIntended", "adoptIntended"]
        guard let index = newest.lastIndex(where: moves.contains) else { return nil }
        let closing: Set = ["switched", "undone", "rolledBack", "ended"]
        return newest[index...].contains(where: closing.contains) ? nil : newest[index]
    }

    private func answer(_ verb: String, in wrong: inout [String]) async throws -> StatusAnswer? {
        let done = try await scene.run([verb, "-o", "json"])
        guard let status = done.status, [0, 20, 22, 33].contains(status) else {
            wrong.append("\(verb) ended oddly: \(done)")
            return nil
        }
        let answer = try JSONDecoder().decode(StatusAnswer.self, from: Data(done.output.utf8))
        if answer.exit != Int(status) { wrong.append("\(verb) says \(answer.exit), is \(status)") }
        return answer
    }
}

/// What the suite reads of `status -o json`.
private struct StatusAnswer: Decodable {
    struct Router: Decodable { let now: String }
    struct Problem: Decodable { let what: String }
    let exit: Int
    let problems: [Problem]
    let routers: [Router]
}

extension Scene {
    /// The value in HAProxy's memory.
    fileprivate func effective() throws -> String {
        let haproxy = shop.haproxy
        let answer = try haproxy.runtime("get map \(haproxy.mapFile) \(HAProxyConfiguration.key)")
        let parts = answer.split(separator: "\"", omittingEmptySubsequences: false)
        guard let index = parts.firstIndex(where: { $0.hasSuffix("value=") }) else {
            throw RigFailure("a strange map: \(answer)")
        }
        return String(parts[index + 1])
    }

    /// Runs the commands that come before `situation`.
    fileprivate func leave(
        _ situation: FaultGround.Situation, _ gate: RuntimeGate
    ) async throws {
        switch situation {
        case .rollingBack, .deploying: break
        case .switching: try await succeed("deploy", "2.1.0", "--until", "ready")
        case .aborting: try await killedInStep(gate)
        case .resuming: try await killedInSwitch(gate)
        }
    }

    private func killedInStep(_ gate: RuntimeGate) async throws {
        try write(PipelineText(socket: gate.path, deploy: PipelineText.endlessDeploy))
        try await beside("deploy", "2.1.0") { process in
            let step = try await endlessStep()
            try await until("stepSpawned")
            process.killAtOnce()
            kill(step, SIGKILL)
        }
        try write(PipelineText(socket: gate.path))
    }

    /// HAProxy has obeyed the switch, its writer did not live to hear it.
    private func killedInSwitch(_ gate: RuntimeGate) async throws {
        gate.hold("set map \(shop.haproxy.mapFile) shop blue:", .afterHAProxy)
        try await beside("deploy", "2.1.0") { process in
            try await gate.waitUntilHolding()
            process.killAtOnce()
        }
        gate.forget()
    }

    fileprivate func succeed(_ words: String...) async throws {
        let done = try await run(words)
        guard done.status == 0 else { throw RigFailure("\(words): \(done)") }
    }
}
