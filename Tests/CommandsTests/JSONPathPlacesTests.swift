import ShopRig
import TestWorld
import Testing

/// Each place of the pipeline that takes a path into JSON, read as a whole file.
@Suite struct JSONPathPlacesTests {
    private static let http = """
        router:
          http:
            read:
              url: http://127.0.0.1:9000/pool
              value: "PATH"
            switch:
              url: http://127.0.0.1:9000/pool
              json: {"$.pool": "${color}"}
        """

    private static let haproxy = """
        router:
          haproxy:
            socket: /run/haproxy/admin.sock
            map: /etc/haproxy/bluegreen.map
            key: shop
        """

    static let places = [
        Shop.pipeline.replacing("header: X-Color", with: "json: \"PATH\""),
        Shop.pipeline.replacing(
            "    consecutive: 3\n", with: "    consecutive: 3\n    expect: {json: {\"PATH\": ok}}\n"
        ),
        Shop.pipeline.replacing(
            "probe: p95\n      pass: \"< 300ms\"",
            with: "http: http://127.0.0.1:9000/stats\n      json: \"PATH\"\n      pass: \"< 300\""),
        Shop.pipeline.replacing(
            "bake:\n",
            with: """
                  - name: cart
                    transaction:
                      - post: /carts
                        capture: {cart: "PATH"}
                      - get: /carts/${capture.cart}
                        expect: {json: {"PATH": ok}}

                bake:

                """),
        Shop.pipeline.replacing(haproxy, with: http)
            .replacing("router: errorRate", with: "probe: errorRate"),
    ]

    @Test(arguments: places, ["$", "$.a.b[0]", "$['a b'].c"])
    func `a path is taken as it is written`(pipeline: String, path: String) {
        let screen = Shop(pipeline: pipeline.replacing("PATH", with: path)).type("validate")
        #expect(pipeline.contains("PATH"))
        #expect(screen.status == 0, "\(screen.error)")
    }

    @Test(arguments: places, ["a.b", "$$.n", "$.a/b", "$.*"])
    func `what is no path is told as that`(pipeline: String, path: String) {
        let screen = Shop(pipeline: pipeline.replacing("PATH", with: path)).type("validate")
        #expect(screen.status == 78)
        #expect(screen.error.contains("'\(path)'"), "\(screen.error)")
        #expect(screen.error.contains("path"), "\(screen.error)")
        #expect(!screen.error.contains("write '$$'"), "\(screen.error)")
    }
}
