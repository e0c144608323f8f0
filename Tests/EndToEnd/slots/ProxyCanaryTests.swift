import Glibc
import Testing
import TrafficRig

extension RealSlots {
    /// Shares and testers behind the proxies that count, through the built program.
    @Suite(.serialized)
    struct ProxyCanaryTests {
        /// What tells testers from users.
        enum Door: String, CaseIterable {
            case header = "X-Canary"
            case cookie = "beta"

            /// What a tester sends.
            var field: (String, String) {
                switch self {
                case .header: ("X-Canary", "1")
                case .cookie: ("Cookie", "theme=dark; beta=1; size=2")
                }
            }

            /// What comes near it.
            var strange: (String, String) {
                switch self {
                case .header: ("X-Canary", "12")
                case .cookie: ("Cookie", "alphabeta=1; beta=12")
                }
            }

            /// The rules of `init`, which are for a header; those for a cookie as the manuals show them.
            func applied(to rules: String) -> String {
                guard self == .cookie else { return rules }
                return
                    rules
                    .replacing("req.hdr(x-canary) -m str 1", with: "req.cook(beta) -m str 1")
                    .replacing("Header(`X-Canary`, `1`)", with: Self.traefikCookie)
                    .replacing(
                        #"name: x-canary, string_match: { exact: "1" }"#, with: Self.envoyCookie)
            }

            private static let traefikCookie = "HeaderRegexp(`Cookie`, `(^|; )beta=1(;|$)`)"
            private static let envoyCookie =
                #"name: cookie, string_match: { safe_regex: { regex: "(.*; )?beta=1(;.*)?" } }"#
        }

        private static func pipeline(
            _ steps: String, errors: Int = 0, door: Door = .header
        ) -> PipelineText {
            PipelineText(
                deploy: PipelineText.release(errors: errors),
                bake: PipelineText.bake("2s", interval: "200ms", minimum: 1),
                more: """
                    switch:
                      canary: [\(steps)]
                      preview:
                        \(door): \(door.rawValue)
                        equals: "1"
                    """)
        }

        private static let long = pipeline("{weight: 10%, for: 60s}")

        /// With the rules for testers, that `init` writes as a remark.
        private func open(
            _ kind: ProxyKind, _ pipeline: PipelineText, by door: Door = .header,
            _ body: (ProxyScene) async throws -> Void
        ) async throws {
            let change = { (text: String) in door.applied(to: Self.withTesters(text)) }
            try await ProxyScene.open(kind, pipeline, change: change) { scene in
                // Some have them beside their configuration, and take them up as they change.
                for rules in ["slot/shop.yml", "slot/routes.yaml"] {
                    guard let text = try? scene.proxy.folder.read(rules) else { continue }
                    try scene.proxy.folder.replace(change(text), as: rules)
                }
                try await eventually("a way for testers") {
                    try await answers(1, scene, sending: door.field) == ["green": 1]
                }
                try await body(scene)
            }
        }

        /// Takes the comment signs off what is no sentence.
        private static func withTesters(_ configuration: String) -> String {
            configuration.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                guard let mark = line.firstRange(of: "# "),
                    let first = line[mark.upperBound...].first, first != "`", !first.isUppercase,
                    line[..<mark.lowerBound].allSatisfy({ $0 == " " }),
                    mark.lowerBound > line.startIndex
                else { return String(line) }
                return String(line[..<mark.lowerBound] + line[mark.upperBound...])
            }.joined(separator: "\n")
        }

        /// Who answers so many fresh requests, with a header of their own where there is one.
        private func answers(
            _ count: Int, _ scene: ProxyScene, sending field: (String, String)? = nil
        ) async throws -> [String: Int] {
            var colors: [String: Int] = [:]
            for _ in 0..<count {
                let request = FreshRequest(
                    "GET", scene.url + "/version", headers: [field].compactMap(\.self))
                colors[try await request.send().color ?? "nobody", default: 0] += 1
            }
            return colors
        }

        private func shared(_ percent: Int, _ scene: ProxyScene) async throws {
            try await eventually("a share of \(percent)%", within: .seconds(20)) {
                let status = try await scene.run("status")
                return status.output.contains("\(percent)% of the requests")
            }
        }

        @Test(arguments: sharers)
        func `a good release gets its share, then all, and no request is lost`(
            proxy: ProxyKind
        ) async throws {
            let pipeline = Self.pipeline("{weight: 10%, for: 3s}, {weight: 50%, for: 2s}")
            try await open(proxy, pipeline) { scene in
                let summary = try await scene.underLoad { _ in
                    let done = try await scene.run("deploy", "2.1.0")
                    #expect(done.status == 0, "\(done)")
                    return []
                }
                #expect(summary.errorCount == 0, "\(summary)")
                #expect(try await answers(50, scene) == ["green": 50])
                #expect(try scene.journal().count { $0.k == "canaryJudged" } == 2)
            }
        }

        @Test(arguments: sharers)
        func `a bad release is caught at its first share`(proxy: ProxyKind) async throws {
            let pipeline = Self.pipeline("{weight: 10%, for: 60s}", errors: 50)
            try await open(proxy, pipeline) { scene in
                let summary = try await scene.underLoad { _ in
                    let done = try await scene.run("deploy", "2.1.0")
                    #expect(done.status == 11, "\(done)")
                    #expect(done.errors.contains("The canary at 10% failed"), "\(done)")
                    return []
                }
                #expect(try scene.journal().filter { $0.k == "switchIntended" }.isEmpty)
                #expect(try await answers(200, scene) == ["blue": 200])
                #expect(summary.errorCount * 5 < summary.requests, "\(summary)")
                let status = try await scene.run("status")
                #expect(status.status == 0, "\(status)")
            }
        }

        @Test(arguments: sharers, ["resume", "rollback"])
        func `a share is as large as asked, outlives the proxy, and is taken back after a kill`(
            proxy: ProxyKind, verb: String
        ) async throws {
            try await open(proxy, Self.long) { scene in
                try await scene.beside("deploy", "2.1.0") { process in
                    try await shared(10, scene)
                    // 40 are expected; as few or as many come once in a billion times.
                    let green = try await answers(400, scene)["green"] ?? 0
                    #expect((5..<95).contains(green), "\(green) of 400")
                    process.killAtOnce()
                }
                try await scene.proxy.restart()
                let status = try await scene.run("status")
                #expect(status.status == 20, "\(status)")
                #expect(status.output.contains("10% of the requests"), "\(status)")
                let done = try await scene.run(verb)
                #expect(done.status == 0, "\(done)")
                #expect(try await answers(200, scene) == ["blue": 200])
                let settled = try await scene.run("status")
                #expect(settled.status == 0, "\(settled)")
            }
        }

        @Test(arguments: sharers, Door.allCases)
        func `testers always reach idle, whichever it is and under a share`(
            proxy: ProxyKind, door: Door
        ) async throws {
            let pipeline = Self.pipeline("{weight: 10%, for: 60s}", door: door)
            try await open(proxy, pipeline, by: door) { scene in
                #expect(try await answers(50, scene, sending: door.field) == ["green": 50])
                #expect(try await answers(50, scene) == ["blue": 50])
                #expect(try await answers(50, scene, sending: door.strange) == ["blue": 50])
                try await scene.beside("deploy", "2.1.0") { process in
                    try await shared(10, scene)
                    #expect(try await answers(100, scene, sending: door.field) == ["green": 100])
                    process.signal(SIGTERM)
                    let done = try await process.finish(within: .seconds(20))
                    #expect(done.status == 143, "\(done)")
                }
                let text = PipelineText(deploy: "", checks: "")
                    .text(for: scene, router: scene.proxy.section)
                try scene.folder.write(text, to: "bluegreen.yaml")
                try await scene.switches(to: "green")
                #expect(try await answers(50, scene, sending: door.field) == ["blue": 50])
            }
        }

        @Test(arguments: sharers)
        func `one that does not know the testers stops a switch before it begins`(
            proxy: ProxyKind
        ) async throws {
            try await ProxyScene.open(proxy, Self.long) { scene in
                let done = try await scene.run("switch")
                #expect(done.status == 10, "\(done)")
                #expect(done.errors.contains("X-Canary: 1 does not reach green"), "\(done)")
                #expect(try await answers(50, scene) == ["blue": 50])
            }
        }
    }
}
