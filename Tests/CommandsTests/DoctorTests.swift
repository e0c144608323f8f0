import Contracts
import PipelineModel
import ShopRig
import TestWorld
import Testing

@testable import Commands
@testable import RunEngine

/// What `doctor` shows of a machine and a router.
@Suite struct DoctorTests {
    private let shop = Shop.running()

    init() {
        for program in ["./start", "./stop"] { shop.files.makeLink(program) }
    }

    @Test func `all is well, and what mends what is not`() throws {
        shop.type("doctor")
        shop.type("doctor", "-q")
        shop.production.persist("green:blue:0:1")
        shop.production.change {
            $0.environments[.green]?.isUp = false
            $0.environments[.blue]?.identity = "purple"
        }
        shop.write("bluegreen.yaml", Shop.pipeline.replacing("./stop", with: "./stopp"))
        shop.type("doctor")
        shop.production.change { $0.isRouterUp = false }
        shop.write("bluegreen.yaml", Shop.pipeline + "gat: 1\n")
        shop.type("doctor")
        shop.type("doctor", "-o", "json", "-q")
        try shop.expectTranscript("doctor", keepingLinesOfEach: 40)
    }

    /// The proxy does not even run.
    @Test(arguments: [("", true), ("\n    readBack: http://127.0.0.1/.bluegreen", false)])
    func `a slot that is believed is no tick for its proxy`(readBack: String, isWritten: Bool) {
        let nginx = Shop(pipeline: Shop.slotPipeline(readBack))
        if isWritten { nginx.write("/var/lib/bluegreen/shop/blue", "") }
        let screen = nginx.type("doctor").output
        for check in ["router nginx", "nginx restarted"] {
            #expect(screen.contains("!  \(check)"), "\(screen)")
            #expect(!screen.contains("✓  \(check)"), "\(screen)")
        }
        #expect(screen.contains("believed, not asked"))
        #expect(!screen.contains("✓  live"))
    }

    @Test(
        arguments: [
            ("X-Canary", true, "✓  preview"), (nil, true, "✗  preview"), (nil, false, "!  preview"),
        ] as [(String?, Bool, String)])
    func `a rule for testers that the proxy lacks was found only by a deploy`(
        header: String?, isIdleUp: Bool, row: String
    ) {
        shop.write(
            "bluegreen.yaml",
            Shop.pipeline + "switch:\n  preview: {header: X-Canary, equals: '1'}\n")
        shop.production.change { state in
            state.testersHeader = header
            state.environments[.green]?.isUp = isIdleUp
        }
        let screen = shop.type("doctor")
        #expect(screen.output.contains(row), "\(screen.output)")
        #expect(screen.status == (row.hasPrefix("✗") ? 10 : 0), "\(screen.output)")
        let isShown = row.hasPrefix("✓")
        #expect(screen.output.contains("; preview not known") != isShown, "\(screen.output)")
        #expect(shop.type("plan", "2.9").output.contains("as a tester (header X-Canary: 1)"))
    }

    /// HAProxy keeps a share in its map, and sends nobody to idle by it where no line reads that.
    @Test func `a canary and a preview that HAProxy has no lines for had a tick`() {
        let calm = shop.type("doctor").output
        let sees = calm.split(separator: "\n").first { $0.contains("haproxy sees") } ?? ""
        for ability in ["canary", "preview"] {
            #expect(sees.contains("; \(ability) not known"), "\(calm)")
        }
        #expect(!calm.contains("!  canary"), "\(calm)")
        shop.write("bluegreen.yaml", Shop.pipeline + Shop.canary)
        let screen = shop.type("doctor")
        #expect(screen.status == 0, "\(screen)")
        #expect(screen.output.contains("!  canary"), "\(screen)")
        #expect(!screen.output.contains("✓  canary"), "\(screen)")
    }

    @Test func `a record that cannot be read, and a missing pipeline, are problems`() {
        shop.files.makeLink(".bluegreen/shop")
        let screen = shop.type("doctor")
        #expect(screen.status == 10)
        #expect(screen.output.contains("✗  state folder"), "\(screen.output)")
        let empty = Shop(pipeline: nil).type("doctor", "--service", "shop")
        #expect(empty.status == 10)
        #expect(empty.output.contains("bluegreen init"), "\(empty.output)")
    }

    @Test func `the room that a run keeps for a rollback on a full disk is missed once it is gone`()
    {
        #expect(!shop.type("doctor").output.contains("spare"))
        shop.files[".bluegreen/shop/spare"] = nil
        let screen = shop.type("doctor")
        #expect(screen.output.contains("!  spare"), "\(screen.output)")
        #expect(screen.status == 0)
    }

    @Test func `on a full disk one rollback is recorded, and the rehearsal says so`() {
        shop.files.fill(leaving: 0)
        let ready = shop.type("doctor", "--rollback-from-here").output
        #expect(ready.contains("one rollback is recorded in what is kept for it"), "\(ready)")
        let screen = shop.type("rollback", "--to", "green")
        #expect(screen.status == 0, "\(screen.error)")
        #expect(shop.production.value?.hasPrefix("green:") == true)
        #expect(shop.type("status").status == 0)
        shop.files.fill(leaving: 0)
        let bare = shop.type("doctor", "--rollback-from-here").output
        #expect(bare.contains("would not be recorded (74)"), "\(bare)")
    }

    @Test(arguments: [(0, true, Int32(74)), (1, true, 0), (1, false, 74), (2, false, 0)])
    func `where no inode is left the rehearsal promised a record that no rollback could keep`(
        files: Int, hasSpare: Bool, status: Int32
    ) {
        if !hasSpare { shop.files[".bluegreen/shop/spare"] = nil }
        shop.files.crowd(".bluegreen", leaving: files)
        let said = shop.type("doctor", "--rollback-from-here").output
        #expect(said.contains("would not be recorded (74)") == (status == 74), "\(said)")
        #expect(!said.contains("one rollback is recorded"), "\(said)")
        let screen = shop.type("rollback", "--to", "green")
        #expect(screen.status == status, "\(screen)")
        #expect(shop.production.value?.hasPrefix("green:") == true)
    }

    @Test func `a look leaves nothing behind`() {
        let before = shop.files.paths
        shop.type("doctor")
        shop.type("doctor", "--rollback-from-here")
        #expect(shop.files.paths == before)
        #expect(shop.production.value == "blue:green:0:130")
    }

    @Test func `a probe writes the same colour and is recorded`() throws {
        shop.answer("n")
        shop.type("doctor", "--probe")
        #expect(shop.production.value == "blue:green:0:130")
        shop.type("doctor", "--probe", "-y")
        shop.type("status")
        shop.type("history")
        try shop.expectTranscript("doctor-probe", keepingLinesOfEach: 30)
        #expect(shop.production.value == "blue:green:0:193")
    }

    @Test func `a router that ignores a write is found out`() {
        shop.production.change { $0.ignoresWrites = true }
        let screen = shop.type("doctor", "--probe", "-y")
        #expect(screen.status == 10)
        #expect(screen.output.contains("✗  haproxy write"), "\(screen.output)")
    }

    @Test func `a probe believes only what it reads back`() {
        let datum = Datum(live: .blue, token: Token(epoch: 3, round: 1))
        func verdicts(_ seen: Observation) -> [DoctorReport.Verdict] {
            [
                DoctorProbe.readBack(Scene.router, seen, datum, .milliseconds(1)),
                DoctorProbe.persistence(Scene.router, seen),
            ].map(\.verdict)
        }
        let blue = Observation.Sighting.color(.blue)
        #expect(verdicts(Observation(effective: blue, token: datum.token)) == [.ok, .ok])
        #expect(
            verdicts(Observation(effective: blue, durable: .differs(.color(.green))))
                == [.warning, .problem])
        #expect(
            verdicts(Observation(effective: .color(.green), durable: .unknown("x")))
                == [.problem, .warning])
        let older = Observation(effective: blue, token: Token(epoch: 2, round: 1))
        #expect(verdicts(older) == [.problem, .ok])
    }

    private static let delays: [(Int, String?, DoctorReport.Verdict)] = [
        (999, "throttle", .ok), (1000, "throttle", .warning), (2000, nil, .ok),
    ]

    @Test(arguments: delays)
    func `a write that a setting of the proxy delays is warned about`(
        milliseconds: Int, slowedBy: String?, verdict: DoctorReport.Verdict
    ) {
        let datum = Datum(live: .blue, token: Token(epoch: 3, round: 1))
        let seen = Observation(effective: .color(.blue), token: datum.token)
        let row = DoctorProbe.readBack(
            Scene.router, seen, datum, .milliseconds(milliseconds), slowedBy: slowedBy)
        #expect(row.verdict == verdict)
        #expect(row.mend == (verdict == .warning ? slowedBy : nil))
        #expect(row.found.hasSuffix(" in \(Wording.length(.milliseconds(milliseconds)))"))
    }

    @Test func `a probe does not run beside another run`() {
        _ = shop.begin(Trouble.plan(), Trouble.claimed, isAlive: true)
        #expect(shop.type("doctor", "--probe", "-y").status == 30)
    }

    @Test func `a rollback is rehearsed from here`() throws {
        shop.type("doctor", "--rollback-from-here")
        shop.production.change { $0.environments[.green]?.isUp = false }
        shop.type("doctor", "--rollback-from-here")
        shop.production.change { $0.isRouterUp = false }
        shop.type("doctor", "--rollback-from-here", "-o", "json")
        try shop.expectTranscript("doctor-rollback")
    }

    @Test func `a machine that knows no router cannot roll back`() {
        let shop = Shop(pipeline: nil)
        let screen = shop.type("doctor", "--rollback-from-here", "--service", "shop")
        #expect(screen.status == 21)
    }
}

/// Each finding by itself.
@Suite struct DoctorRulesTests {
    private static let folder = DoctorFindings.Folder(
        path: ".bluegreen/shop",
        status: FileStatus(
            kind: .folder, size: 0, mode: 0o700, userID: 1000, modified: Scene.start),
        kind: "ext4")

    private static func findings(_ change: (inout DoctorFindings) -> Void) -> DoctorFindings {
        var findings = DoctorFindings(
            folder: folder, isSectionHeld: false, situation: Scene().situation,
            pipeline: .valid(files: "bluegreen.yaml"), routers: [], direct: [:],
            publicAnswer: answer(.color(.blue)), programs: [], now: Scene.start,
            hasProcesses: true)
        change(&findings)
        return findings
    }

    private static func answer(_ kind: ProofTally.Answer) -> Prober.Answer {
        Prober.Answer(kind: kind, sent: .zero, ended: .zero, isServed: true)
    }

    private func verdict(
        _ check: String, _ change: (inout DoctorFindings) -> Void
    ) -> DoctorReport.Verdict? {
        DoctorRules(findings: Self.findings(change)).rows.first { $0.check == check }?.verdict
    }

    @Test func `without a finding all is well`() {
        let rows = DoctorRules(findings: Self.findings { _ in }).rows
        #expect(rows.filter { $0.verdict != .ok } == [])
        #expect(DoctorReport(rows, troubled: .failedBeforeSwitch).exit == 0)
    }

    @Test func `the folder of the record is ours alone and on a disk`() {
        #expect(verdict("state folder") { $0.folder.refusal = "belongs to root" } == .problem)
        #expect(verdict("state folder") { $0.folder.status = nil } == .ok)
        #expect(verdict("state folder") { $0.folder.status?.kind = .link } == .problem)
        #expect(verdict("state folder") { $0.folder.status?.mode = 0o755 } == .warning)
        #expect(verdict("disk") { $0.folder.kind = "tmpfs" } == .warning)
        #expect(verdict("disk") { $0.folder.kind = "nfs4" } == .problem)
        #expect(
            verdict("disk") { $0.folder.unwritable = FileFailure(.noSpace, "full") } == .problem)
    }

    @Test func `room for a rollback on a full disk is missed where there is a record`() {
        #expect(verdict("spare") { _ in } == nil)
        #expect(verdict("spare") { $0.folder.hasSpare = false } == .warning)
        var scene = Scene(token: nil)
        (scene.record, scene.condition) = (Record(), .absent)
        let first = scene.situation
        let before = verdict("spare") {
            $0.folder.hasSpare = false
            $0.situation = first
        }
        #expect(before == nil)
    }

    @Test func `before the first deploy nothing needs to answer`() {
        var scene = Scene(token: nil)
        (scene.record, scene.condition) = (Record(), .absent)
        let first = scene.situation
        for check in ["blue directly", "public address"] {
            let asked: (inout DoctorFindings) -> Void = {
                $0.direct[.green] = Self.answer(.color(.green))
                $0.publicAnswer = Self.answer(.error("refused"))
            }
            #expect(verdict(check, asked) == .problem)
            #expect(
                verdict(check) {
                    asked(&$0)
                    $0.situation = first
                } == .warning)
        }
    }

    @Test func `a lock that stays, a dead owner and a damaged record are told`() {
        #expect(verdict("lock") { $0.isSectionHeld = true } == .problem)
        #expect(verdict("owner") { $0.situation = Scene(Scene.baking).situation } == .warning)
        var scene = Scene()
        scene.condition = .corrupt("x")
        let situation = scene.situation
        #expect(verdict("record") { $0.situation = situation } == .problem)
    }

    @Test(arguments: [Scene.claimed, Scene.ready, Scene.switching, Scene.baking])
    func `what helps after a death is the same for doctor and for status`(events: [RunEvent]) {
        let situation = Scene(events).situation
        let rows = DoctorRules(findings: Self.findings { $0.situation = situation }).rows
        let status = StatusWords.orphanedRun(situation)?.next
        #expect(rows.first { $0.check == "owner" }?.mend == status ?? "bluegreen resume")
        let isAbortable = events.count < Scene.switching.count
        #expect((status ?? "").hasPrefix("bluegreen abort") == isAbortable)
    }

    @Test func `the machine needs its programs, its clock and its processes`() {
        #expect(
            verdict("programs") { $0.programs = [.init(name: "npm", isThere: false)] } == .problem)
        #expect(
            verdict("clock") { $0.now = Scene.start.advanced(by: .seconds(-3600)) } == .problem)
        #expect(verdict("/proc") { $0.hasProcesses = false } == .problem)
    }

    @Test func `a problem ends with 10, a warning with 0`() {
        let warned = DoctorRules(findings: Self.findings { $0.publicAnswer = nil }).rows
        #expect(DoctorReport(warned, troubled: .failedBeforeSwitch).exit == 0)
        let broken = DoctorRules(findings: Self.findings { $0.hasProcesses = false }).rows
        #expect(DoctorReport(broken, troubled: .failedBeforeSwitch).exit == 10)
    }
}
