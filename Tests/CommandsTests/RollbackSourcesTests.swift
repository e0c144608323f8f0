import Contracts
import PipelineModel
import ShopRig
import TestWorld
import Testing

@testable import Commands

/// What a rollback goes by.
@Suite struct RollbackSourcesTests {
    private static let other = Shop.pipeline.replacing(
        "/run/haproxy/admin.sock", with: "/run/other.sock")

    @Test func `a pipeline that was edited since does not matter`() {
        let shop = Shop.running()
        shop.write("bluegreen.yaml", Self.other)
        #expect(shop.type("rollback").status == 0)
        #expect(shop.production.value?.hasPrefix("green:") == true)
    }

    @Test func `a router that has moved since is found where the pipeline says`() {
        let shop = Shop.running()
        shop.production.change { $0.socket = "/run/other.sock" }
        shop.write("bluegreen.yaml", Self.other)
        let screen = shop.type("rollback")
        #expect(screen.status == 0)
        #expect(screen.error.contains("/run/haproxy/admin.sock"))
        #expect(screen.error.contains("from the pipeline: /run/other.sock"))
        #expect(shop.production.value?.hasPrefix("green:") == true)
        shop.files["bluegreen.yaml"] = nil
        #expect(
            shop.type(
                "rollback", "--service", "shop", "--to", "blue", "--break-glass",
                "--reason", "again"
            ).status == 0)
    }

    @Test func `a router that answers nowhere is named with both addresses`() {
        let shop = Shop.running()
        shop.production.change { $0.isRouterUp = false }
        shop.write("bluegreen.yaml", Self.other)
        let screen = shop.type("rollback")
        #expect(screen.status == 21)
        #expect(screen.error.contains("/run/haproxy/admin.sock"))
        #expect(screen.error.contains("/run/other.sock"))
    }

    /// As an earlier bluegreen recorded it: without the folder of the pipeline.
    @Test func `a router that record and pipeline name alike is asked once`() {
        let shop = Shop.running()
        _ = shop.begin(Trouble.plan(), Trouble.ready, isAlive: false)
        shop.production.change { $0.isRouterUp = false }
        let screen = shop.type("rollback", "--to", "green")
        #expect(screen.status == 21)
        #expect(!screen.error.contains("from the pipeline"), "\(screen.error)")
    }

    @Test func `a recorded router that can no longer be made is found in the pipeline`() {
        let shop = Shop.running()
        shop.write(
            "bluegreen.yaml",
            Shop.pipeline.replacing("/run/haproxy/admin.sock", with: "${env.SOCKET}"))
        shop.set("SOCKET", "/run/haproxy/admin.sock")
        #expect(shop.type("deploy", "2.9").status == 0)
        shop.set("SOCKET", "")
        shop.write("bluegreen.yaml", Shop.pipeline)
        #expect(shop.type("rollback").status == 0)
    }

    private enum Lack: CaseIterable {
        case environment, router
    }

    @Test(arguments: Lack.allCases)
    private func `a rollback that is refused says before what it could not go by`(lack: Lack) {
        let shop = Shop.running()
        shop.write("bluegreen.yaml", "router: [\n\t{{{ not yaml")
        shop.production.change { state in
            switch lack {
            case .environment: state.environments[.green]?.isUp = false
            case .router: state.isRouterUp = false
            }
        }
        let screen = shop.type("rollback")
        #expect(screen.status == 21)
        let before = screen.error.split(separator: "error:").first
        #expect(before?.contains("warning: the pipeline has mistakes") == true, "\(screen.error)")
    }

    @Test func `a rollback knows what the release before the first deployment answered`() {
        let shop = Shop(
            pipeline: Shop.pipeline.replacing(
                "header: X-Color", with: "header: X-Color\n    equals: ${version}"))
        shop.production.change {
            $0.environments[.blue]?.identity = "built by hand"
            $0.environments[.green]?.identity = "2.7"
        }
        #expect(shop.type("deploy", "2.7").status == 0)
        let back = shop.type("rollback")
        #expect(back.status == 0)
        #expect(back.output.contains("proven from outside"))
        #expect(!shop.type("status").output.contains("built by hand"))
    }

    @Test func `a token that nobody can have does not stand in the way`() {
        let shop = Shop.running()
        shop.production.setValue("blue:green:0:9223372036854775807")
        #expect(shop.type("rollback").status == 0)
        #expect(shop.production.value?.hasPrefix("green:") == true)
    }

    @Test func `without a record the pipeline names the router`() {
        let shop = Shop.running()
        for path in shop.files.paths where path.hasPrefix(".bluegreen") { shop.files[path] = nil }
        #expect(shop.type("rollback").status == 21)
        #expect(shop.type("rollback", "--to", "green").status == 0)
        #expect(shop.production.value?.hasPrefix("green:") == true)
    }

    @Test func `a pipeline that is wrong elsewhere still names the router`() {
        let shop = Shop.running()
        for path in shop.files.paths where path.hasPrefix(".bluegreen") { shop.files[path] = nil }
        shop.write("bluegreen.yaml", Shop.pipeline.replacing("for: 12s", with: "for: soon"))
        #expect(shop.type("rollback", "--to", "green").status == 0)
    }

    @Test(arguments: ["rollback", "status"])
    func `the name of another service does not reach the router of this one`(verb: String) {
        let shop = Shop.running()
        let before = shop.production.value
        let screen = shop.type(verb, "--service", "other")
        #expect(screen.status == 64)
        #expect(screen.error.contains("the pipeline here is that of 'shop'"))
        #expect(shop.production.value == before)
    }

    @Test(arguments: ["--service", "--stage"])
    func `a name that leads out of the folder of the records is refused`(flag: String) {
        let shop = Shop.running()
        let screen = shop.type("rollback", "--to", "green", flag, "../elsewhere")
        #expect(screen.status == 64)
        #expect(shop.files.paths.allSatisfy { !$0.contains("elsewhere") })
    }

    @Test func `the command line wins over record and pipeline`() {
        let shop = Shop.running()
        let settings =
            #"{"haproxy":{"socket":"/run/haproxy/admin.sock","map":"/etc/haproxy/bluegreen.map","key":"shop"}}"#
        shop.write("bluegreen.yaml", Self.other)
        #expect(shop.type("rollback", "--router-settings", settings).status == 0)
    }

    @Test(arguments: ["Authorization", "cookie"])
    func `a secret on the command line is named, never written`(header: String) {
        let shop = Shop.running()
        func settings(_ value: String) -> String {
            let headers = #""headers": {"\#(header)": "\#(value)"}"#
            return #"{"routers": {"lb": {"http": {"switch": {"url": "http://lb/live"}, "#
                + #""read": {"url": "http://lb/live", \#(headers)}, "class": "S"}}}}"#
        }
        func rollBack(_ value: String) -> Shop.Screen {
            shop.type("rollback", "--to", "green", "--router-settings", settings(value))
        }
        let screen = rollBack("Bearer hunter2secret")
        #expect(screen.status == 78)
        #expect(screen.error.contains("'\(header)' holds a secret"), "\(screen.error)")
        #expect(screen.error.contains("${env.LB_TOKEN}"), "\(screen.error)")
        #expect(!screen.error.contains("hunter2secret"))
        #expect(shop.files.paths.allSatisfy { !shop.read($0).contains("hunter2secret") })
        shop.set("LB_TOKEN", "hunter2secret")
        let named = rollBack("Bearer ${env.LB_TOKEN}")
        #expect(!named.error.contains("holds a secret"), "\(named.error)")
    }

    /// The checksum is no secret; nothing may be counted with what is written there.
    @Test(arguments: ["9223372036854775807", "9999999999"])
    func `a record with a number that no run has does not stand in the way`(number: String) {
        let shop = Shop.running()
        let path = ".bluegreen/shop/state.json"
        let open = SealedObject.open((shop.files[path] ?? []).dropLast()) ?? []
        let forged = String(decoding: open, as: UTF8.self).replacing(
            #""epoch" : 2"#, with: #""epoch" : \#(number)"#)
        shop.files[path] = SealedObject.seal(Array(forged.utf8)) + Array("\n".utf8)
        let screen = shop.type("rollback")
        #expect([0, 74].contains(screen.status), "\(screen.error)")
        #expect(shop.production.value?.hasPrefix("green:-:0:19") == true)
    }

    @Test func `a router that nobody can reach is a page`() {
        let shop = Shop.running()
        shop.production.change { $0.isRouterUp = false }
        let screen = shop.type("rollback")
        #expect(screen.status == 21)
        #expect(screen.error.contains("not touched by this command"))
    }

    @Test func `an environment that does not answer is no way home, unless glass is broken`() {
        let shop = Shop.running()
        shop.production.change { $0.environments[.green]?.isUp = false }
        #expect(shop.type("rollback").status == 21)
        #expect(shop.type("rollback", "--break-glass").status == 64)
        #expect(shop.production.value?.hasPrefix("blue:") == true)
    }
}
