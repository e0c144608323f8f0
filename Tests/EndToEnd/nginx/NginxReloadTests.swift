import FoundationEssentials
import Glibc
import Testing
import TrafficRig

extension RealSlots {
    /// nginx that is switched by a reload. What it loses is counted, and shown; it is known not to be
    /// nothing.
    @Suite(.serialized, .enabled(if: ProxyKind.nginx.isWanted))
    struct NginxReloadTests {
        @Test func `a reload switches under load, and a restart keeps the colour`() async throws {
            try await ProxyScene.open(.reloadedNginx) { scene in
                let doctor = try await scene.run("doctor")
                #expect(doctor.output.contains("cuts open connections"), "\(doctor)")
                let plan = try await scene.run("plan", "2.1.0")
                #expect(plan.output.contains("requests go to both colours for a moment"), "\(plan)")
                let summary = try await scene.underLoad(rate: 1500, keepAlive: 64, close: 16) {
                    client in
                    try await client.wait(for: 1500)
                    var changes: [Switch] = []
                    for color in ["green", "blue", "green", "blue", "green"] {
                        changes.append(
                            try await Switch.measure(to: color) {
                                try await scene.switches(to: color)
                            })
                        try await client.wait(for: 500)
                    }
                    return changes
                }
                let router = MeasuredRouter(
                    "nginx, reload", by: "a link, read at a reload", .asynchronous)
                print(router.line(summary))
                #expect(summary.colors.keys.sorted() == ["blue", "green"])
                try await scene.proxy.restart()
                #expect(try await scene.live() == "green")
                let status = try await scene.run("status")
                #expect(status.status == 0, "\(status)")
            }
        }

        @Test func `a colour whose file is not there is refused before the write`() async throws {
            try await ProxyScene.open(.reloadedNginx) { scene in
                let file = scene.proxy.folder.file("slot/green.conf")
                try FileManager.default.removeItem(atPath: file)
                try await scene.expectUntouched(
                    by: "switch", "green", "--no-bake", status: 11,
                    says: "There is no file \(file) for green.")
            }
        }

        @Test func `workers that still serve what began before are counted`() async throws {
            try await ProxyScene.open(.reloadedNginx) { scene in
                let slow = Task {
                    try await FreshRequest("GET", scene.url + "/slow?ms=5000").send()
                }
                try await eventually("the slow request to reach blue") {
                    try await scene.blue.statistics().paths["/slow"]?.total == 1
                }
                let done = try await scene.run("switch", "green", "--no-bake")
                #expect(done.status == 0, "\(done)")
                let status = try await scene.run("status", "-v")
                #expect(status.output.contains(/old workers 1/), "\(status)")
                // At least as long as this proof took: a proof waits for no old worker.
                let proof = try #require(done.errors.firstMatch(of: /switched in ([\d.]+) (ms|s)/))
                let expected = try #require(
                    status.output.firstMatch(of: /expected about (\d+) ms/)?.1)
                let proved = try #require(Double(proof.1)) * (proof.2 == "s" ? 1000 : 1)
                #expect(try #require(Double(expected)) >= proved, "\(status)")
                #expect(try await slow.value.color == "blue")
            }
        }

        @Test func `a configuration that nginx refuses moves nothing, and is said`() async throws {
            try await ProxyScene.open(.reloadedNginx) { scene in
                try scene.proxy.include("nonsense on;\n", for: "green")
                try await scene.expectUntouched(
                    by: "switch", "green", "--no-bake", status: 11,
                    says: "unknown directive \"nonsense\"")
                #expect(try scene.proxy.included() == "blue.conf")
                #expect(try await scene.run("status").status == 0)
            }
        }

        @Test(arguments: ["-t", "-s"])
        func `a command of nginx that hangs moves nothing, and is said`(
            word: String
        ) async throws {
            try await ProxyScene.open(.reloadedNginx) { scene in
                let program = try #require(scene.proxy.kind.program)
                let slow = """
                    #!/bin/sh
                    case "$*" in
                    *" \(word)"*) mkdir '\(scene.folder.file("hung"))' 2>/dev/null && exec sleep 60 ;;
                    esac
                    exec \(program) "$@"
                    """
                try scene.folder.write(slow, to: "slow")
                chmod(scene.folder.file("slow"), 0o755)
                try scene.change("[nginx,", to: "[\(scene.folder.file("slow")),")
                let summary = try await scene.underLoad { _ in
                    let done = try await scene.run("switch", "green", "--no-bake")
                    #expect(done.status == 11, "\(done)")
                    #expect(done.errors.contains("\(word)"), "\(done)")
                    #expect(done.errors.contains("did not end within 10 s"), "\(done)")
                    return []
                }
                #expect(summary.colors.keys.sorted() == ["blue"], "\(summary)")
                // Whether it was told nobody knew, so going back was a reload.
                if word == "-t" { #expect(summary.errorCount == 0, "\(summary)") }
                #expect(try scene.proxy.included() == "blue.conf")
                #expect(try await scene.run("status").status == 0)
            }
        }

        @Test func `a port that is taken passes nginx's test, and is noticed`() async throws {
            try await ProxyScene.open(.reloadedNginx) { scene in
                try scene.proxy.include(
                    "server { listen 127.0.0.1:\(scene.blue.port); }\n", for: "green")
                let summary = try await scene.underLoad { _ in
                    let done = try await scene.run("switch", "green", "--no-bake")
                    #expect(done.status == 11, "\(done)")
                    #expect(done.errors.contains("still serves blue instead of green"), "\(done)")
                    return []
                }
                print("a port that is taken: \(summary)")
                #expect(summary.colors.keys.sorted() == ["blue"], "\(summary)")
                #expect(try scene.proxy.included() == "blue.conf")
                #expect(try await scene.live() == "blue")
                #expect(try scene.proxy.folder.read("error.log").contains("bind() to"))
            }
        }

        @Test func `a link that cannot be written is said, and nothing moves`() async throws {
            try await ProxyScene.open(.reloadedNginx) { scene in
                try FileManager.default.createDirectory(
                    atPath: "\(scene.proxy.slot)/\(scene.proxy.kind.aside)",
                    withIntermediateDirectories: false)
                try await scene.expectUntouched(
                    by: "switch", "green", "--no-bake", status: 11, says: "cannot be changed")
            }
        }
    }
}

extension ProxyRig {
    /// Adds to what nginx reads for a colour.
    fileprivate func include(_ text: String, for color: String) throws {
        try folder.write(ProxyKind.included(color) + text, to: "slot/\(color).conf")
    }

    fileprivate func included() throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: link)
    }
}
