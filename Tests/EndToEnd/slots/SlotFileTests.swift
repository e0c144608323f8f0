import FoundationEssentials
import Glibc
import Testing
import TrafficRig

extension RealSlots {
    /// What is peculiar to proxies that look for a file at every request.
    @Suite(.serialized)
    struct SlotFileTests {
        @Test(arguments: (ProxyKind.slots + [.apache]).filter(\.isWanted))
        func `a release is deployed, and rolled back in one step`(proxy: ProxyKind) async throws {
            try await ProxyScene.open(proxy, PipelineText()) { scene in
                let summary = try await scene.deployAndRollBack()
                #expect(summary.errorCount == 0, "\(summary)")
            }
        }

        @Test(.needsStrace, arguments: slots)
        func `a switch that is killed at any moment leaves one file, and a rollback works`(
            proxy: ProxyKind
        ) async throws {
            try await ProxyScene.open(proxy) { scene in
                var left: Set<String> = []
                let landed = try await scene.killSwitches(touching: scene.proxy.slot) {
                    let names = try scene.proxy.slotFiles()
                    #expect(names.count == 1)
                    #expect(try await scene.live() == names.first)
                    left.formUnion(names)
                }
                #expect(try scene.proxy.slotFiles() == ["blue"])
                #expect(try await scene.live() == "blue")
                #expect(landed > 0)
                #expect(left == ["blue", "green"], "one side of the write only")
            }
        }

        // MARK: What is not right

        @Test(arguments: slots)
        func `two slot files stop what goes forward, and a rollback leaves one`(
            proxy: ProxyKind
        ) async throws {
            try await ProxyScene.open(proxy) { scene in
                for color in ["green", "blue"] { try await scene.switches(to: color) }
                try "".write(
                    toFile: scene.proxy.slot + "/green", atomically: true, encoding: .utf8)
                try await scene.expectUntouched(
                    by: "deploy", "2.1.0", status: 33, says: "'blue and green at once'")
                let status = try await scene.run("status")
                #expect(status.status == 20, "\(status)")
                let back = try await scene.run("rollback", "--to", "blue", "--reason", "test")
                #expect(back.status == 0, "\(back)")
                #expect(try scene.proxy.slotFiles() == ["blue"])
                #expect(try await scene.live() == "blue")
            }
        }

        @Test(arguments: slots)
        func `a missing slot file stops what goes forward, and a rollback writes one`(
            proxy: ProxyKind
        ) async throws {
            try await ProxyScene.open(proxy) { scene in
                try FileManager.default.removeItem(atPath: scene.proxy.slot + "/blue")
                try await scene.expectUntouched(
                    by: "deploy", "2.1.0", status: 10, says: "no value")
                let back = try await scene.run("rollback", "--to", "blue", "--reason", "test")
                #expect(back.status == 0, "\(back)")
                #expect(try scene.proxy.slotFiles() == ["blue"])
            }
        }

        @Test(
            .enabled(if: geteuid() == 0, "only root starts a proxy as another user"),
            arguments: [ProxyKind.packagedCaddy, .apache].filter(\.isWanted))
        func `a folder that the proxy's user cannot search is noticed, and undone`(
            proxy: ProxyKind
        ) async throws {
            try await ProxyScene.open(proxy) { scene in
                #expect(chmod(scene.proxy.slot, 0o700) == 0)
                let done = try await scene.run("switch", "green", "--no-bake")
                #expect(done.status == 11, "\(done)")
                #expect(done.errors.contains("instead of green"), "\(done)")
                #expect(try await scene.live() == "blue")
            }
        }

        @Test(
            .enabled(if: hasMemoryFolder, "there is no folder in memory"), arguments: slots)
        func `a slot folder in memory is said at the switch, and by status`(
            proxy: ProxyKind
        ) async throws {
            try await ProxyScene.open(proxy) { scene in
                let memory = try TemporaryFolder(in: "/dev/shm", mode: 0o755)
                defer { memory.remove() }
                try memory.write(try scene.proxy.folder.read("slot/blue"), to: "blue")
                try scene.change("slot: \(scene.proxy.slot)", to: "slot: \(memory.path)")
                try scene.proxy.configure(
                    scene.proxy.configuration().replacing(scene.proxy.slot, with: memory.path))
                try await scene.proxy.restart()
                let done = try await scene.run("switch", "green", "--no-bake")
                #expect(done.status == 0, "\(done)")
                #expect(done.errors.contains("is in memory (tmpfs)"), "\(done)")
                #expect(try await scene.live() == "green")
                let status = try await scene.run("status")
                #expect(status.status == 33, "\(status)")
                #expect(status.output.contains("would show nothing after a reload"), "\(status)")
                #expect(status.output.contains("what is in \(memory.path)"), "\(status)")
                #expect(!status.output.contains("adopt"), "\(status)")
            }
        }
    }
}

private let hasMemoryFolder = system("grep -q ' /dev/shm tmpfs ' /proc/mounts") == 0
