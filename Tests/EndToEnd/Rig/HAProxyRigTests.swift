import Testing
import TrafficRig

/// The rig's HAProxy does what the tests of the product build on.
@Suite(.serialized, .enabled(if: isProgramWanted("haproxy")))
struct HAProxyRigTests {
    private typealias Mechanism = HAProxyConfiguration.Mechanism

    private func color(_ shop: Shop, preview: String? = nil) async throws -> String? {
        let headers = preview.map { [(HAProxyConfiguration.previewHeader, $0)] } ?? []
        return try await FreshRequest("GET", shop.url + "/version", headers: headers).send().color
    }

    @Test(arguments: [
        (Mechanism.map("blue:green:0:0"), "blue"), (.map("green:blue:0:7"), "green"),
        (.map("blue:green:100:0"), "green"), (.map("green:-:0:8"), "green"),
        (.plainMap("blue"), "blue"), (.plainMap("green"), "green"),
        (.register(20), "blue"), (.register(21), "green"),
    ])
    private func `the datum decides who answers`(
        mechanism: Mechanism, expected: String
    ) async throws {
        try await Shop.open(mechanism) { shop in
            let answered = try await color(shop)
            #expect(answered == expected)
        }
    }

    @Test func `the preview header reaches idle, and the answer says who served it`() async throws {
        try await Shop.open { shop in
            #expect(try await color(shop, preview: "green") == "green")
            let answer = try await FreshRequest("GET", shop.url + "/version").send()
            #expect(answer.headers["x-live"] == "blue")
            #expect(answer.headers["x-served-by"] == "shop_blue/s1")
        }
    }

    @Test func `each colour has as many checked servers as ports`() async throws {
        try await withTemporaryFolder { folder in
            let blue = try await ExampleService.start(color: "blue", version: "1", logs: folder)
            defer { blue.process.killAtOnce() }
            let dead = try FreePort.next()
            let configuration = HAProxyConfiguration(blue: [blue.port, dead], green: [dead])
            try await HAProxyRig.open(configuration, in: folder) { haproxy in
                try await eventually("HAProxy to find the dead servers") {
                    let states = try haproxy.serverStates()
                    return states == [
                        "shop_blue/s1": "UP", "shop_blue/s2": "DOWN", "shop_green/s1": "DOWN",
                    ]
                }
            }
        }
    }

    @Test func `a switch through the map is seen at once and lost by a reload`() async throws {
        try await Shop.open { shop in
            try shop.haproxy.runtime("set map \(shop.haproxy.mapFile) shop green:blue:0:1")
            #expect(try await color(shop) == "green")
            try await shop.haproxy.reload()
            #expect(try await color(shop) == "blue")
        }
    }

    @Test func `a restart reads the map file on the same port`() async throws {
        try await Shop.open { shop in
            try shop.folder.write("shop green:blue:0:1\n", to: "bluegreen.map")
            try await shop.haproxy.restart()
            #expect(try await color(shop) == "green")
        }
    }

    @Test func `the register takes a newer value, refuses an older one and says what is in force`()
        async throws
    {
        try await Shop.open(.register(20)) { shop in
            func write(_ value: Int) throws -> String {
                let answer = try UnixSocket.ask(
                    shop.haproxy.controlSocket,
                    "GET / HTTP/1.1\r\nHost: h\r\n\(HAProxyConfiguration.raiseHeader): \(value)\r\n"
                        + "Connection: close\r\n\r\n")
                return answer.split(separator: "\r\n\r\n").last.map(String.init) ?? ""
            }
            let newer = try write(23)
            let older = try write(22)
            let answered = try await color(shop)
            #expect([newer, older] == ["proc.shop=23\n", "proc.shop=23\n"])
            #expect(answered == "green")
        }
    }

    @Test func `a configuration that HAProxy refuses fails the reload with its reason`()
        async throws
    {
        try await Shop.open { shop in
            try shop.folder.write("nonsense\n", to: "haproxy.cfg")
            let failure = await #expect(throws: RigFailure.self) { try await shop.haproxy.reload() }
            #expect(failure?.description.contains("refused its configuration") == true)
            #expect(try await color(shop) == "blue")
        }
    }
}
