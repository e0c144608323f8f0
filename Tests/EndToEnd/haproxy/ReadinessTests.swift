import Testing
import TrafficRig

extension RealHAProxy {
    /// A release that is not ready never meets a user.
    @Suite(.serialized)
    struct ReadinessTests {
        /// Deploys under load, and returns how many requests of users green received.
        private func production(
            _ pipeline: PipelineText, _ prepare: (Scene) async throws -> Void = { _ in },
            _ judge: (FinishedProcess) -> Void
        ) async throws -> Int {
            var received = -1
            try await Scene.open(.map(), pipeline) { scene in
                try await prepare(scene)
                let summary = try await scene.underLoad { client in
                    let done = try await scene.run("deploy", "2.1.0")
                    judge(done)
                    try await client.wait(for: 50)
                    return []
                }
                #expect(summary.errorCount == 0, "\(summary)")
                #expect(try await scene.live() == "blue")
                received = try await scene.shop.green.statistics().all.load
            }
            return received
        }

        @Test func `a release that fails its checks receives no production request`() async throws {
            let pipeline = PipelineText(
                checks: """
                    checks:
                      - name: page
                        http: /no-such-page
                        interval: 100ms
                        timeout: 1s
                    """)
            let received = try await production(pipeline) { done in
                #expect(done.status == 10, "\(done)")
                #expect(done.errors.contains("status 404"), "\(done)")
                #expect(done.errors.contains("production: on blue, not touched"), "\(done)")
            }
            #expect(received == 0)
        }

        /// Opens a cart, and looks at `page` with the number that it was given.
        private static func cart(_ page: String) -> PipelineText {
            PipelineText(
                checks: """
                    checks:
                      - name: cart
                        transaction:
                          - post: /carts
                            capture: {cart: "$.id"}
                          - get: \(page)
                        interval: 100ms
                        timeout: 1s
                    """)
        }

        @Test func `a transaction uses what an earlier answer said`() async throws {
            try await Scene.open(.map(), Self.cart("/carts/${capture.cart}")) { scene in
                let done = try await scene.run("deploy", "2.1.0", "--until", "ready")
                #expect(done.status == 0, "\(done)")
                #expect(done.errors.contains("2 requests good in"), "\(done)")
                #expect(try await scene.shop.green.statistics().paths["/carts"]?.total == 2)
            }
        }

        @Test func `a transaction that fails halfway ends the deploy before any user meets it`()
            async throws
        {
            let received = try await production(Self.cart("/carts/no-${capture.cart}")) { done in
                #expect(done.status == 10, "\(done)")
                #expect(done.errors.contains("request 2 of 2: GET"), "\(done)")
                #expect(done.errors.contains("/carts/no-c"), "\(done)")
                #expect(done.errors.contains("status 404"), "\(done)")
                #expect(done.errors.contains("production: on blue, not touched"), "\(done)")
            }
            #expect(received == 0)
        }

        @Test func `a step that fails ends the deploy before any user meets it`() async throws {
            let pipeline = PipelineText(
                deploy: """
                    deploy:
                      - name: broken
                        run: "echo no space left; exit 3"
                    """)
            let received = try await production(pipeline) { done in
                #expect(done.status == 10, "\(done)")
                #expect(done.errors.contains("no space left"), "\(done)")
                #expect(done.errors.contains("production: on blue, not touched"), "\(done)")
            }
            #expect(received == 0)
        }

        @Test func `a colour whose servers are down never becomes live`() async throws {
            let received = try await production(
                PipelineText(deploy: "", checks: ""),
                { scene in
                    try scene.shop.haproxy.runtime("set server shop_green/s1 state maint")
                },
                { done in
                    #expect(done.status == 10, "\(done)")
                    #expect(done.errors.contains("0 of 1 servers up"), "\(done)")
                })
            #expect(received == 0)
        }
    }
}
