import Console
import Contracts
import RunEngine
import ShopRig
import TestWorld
import Testing

@testable import Commands

/// A secret in what somebody else answers is hidden, wherever that answer is cut.
@Suite struct CutSecretTests {
    private static let canary = "s3cr3t-canary-value"

    private static let pipeline = """
        apiVersion: bluegreen/v1
        service: shop
        colors: {blue: {url: "http://127.0.0.1:8081"}, green: {url: "http://127.0.0.1:8082"}}
        router:
          http:
            read: {url: "http://lb:1/live", value: $.live}
            switch: {url: "http://lb:1/live?key=${env.TOKEN}", body: "${color}"}
        switch: {prove: readBack}
        checks:
          - name: healthy
            http: /healthz?key=${env.TOKEN}
            interval: 1s
            timeout: 1s

        """

    /// What a person sees, and what is recorded, where the router and both environments answer so.
    private static func seen(
        _ words: [String], live: String, health: String
    ) -> String {
        let shop = Shop(pipeline: pipeline, environment: ["TOKEN": canary])
        var world = shop.world
        world.http = HTTP { request throws(HTTPFailure) in
            let body = request.url.hasPrefix("http://lb") ? #"{"live":"\#(live)"}"# : health
            return HTTPAnswer(
                status: request.url.hasPrefix("http://lb") ? 200 : 503, body: Array(body.utf8))
        }
        let recording = TerminalRecording()
        let app = App(
            world: world, version: "0.1.0", stop: StopRequest(),
            proxy: shop.production.proxyHost, terminal: { _, _ in recording.terminal })
        _ = shop.simulation.run { await app.run(words) }
        return recording.transcript + shop.recorded
    }

    private static func text(_ length: Int) -> String {
        String(repeating: "x", count: length) + canary + String(repeating: "y", count: 600)
    }

    @Test(arguments: [["status"], ["status", "-o", "json"], ["doctor"]])
    func `in a router's answer`(words: [String]) {
        for length in 478...502 {
            let seen = Self.seen(words, live: Self.text(length), health: "")
            #expect(seen.contains("xxx"), "\(seen)")
            #expect(!seen.contains(Self.canary.prefix(5)), "\(length): \(seen)")
        }
    }

    @Test(arguments: [["check"], ["check", "-o", "json"], ["deploy", "2.8"]])
    func `in the answer to a check`(words: [String]) {
        for length in 236...258 {
            let seen = Self.seen(words, live: "blue", health: Self.text(length))
            #expect(seen.contains("xxx"), "\(seen)")
            #expect(!seen.contains(Self.canary.prefix(5)), "\(length): \(seen)")
        }
    }
}
