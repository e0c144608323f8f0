/// What a gateway takes off a request, and what it adds.
enum GatewayCases {
    private static func with(_ lines: String, _ line: String = "GET / HTTP/1.1") -> String {
        line + "\r\nHost: shop\r\n" + lines + "\r\n"
    }

    private static let hop = "RFC 9110, 7.6.1"

    static let all: [ConformanceCase] = hops + origins + expectations

    private static let hops: [ConformanceCase] = [
        .passes(
            "Keep-Alive ends here", hop, with("Keep-Alive: timeout=5\r\n"), lacks: ["Keep-Alive"]),
        .passes(
            "Proxy-Connection ends here", hop, with("Proxy-Connection: keep-alive\r\n"),
            lacks: ["Proxy-Connection"]),
        .passes(
            "a field that Connection names ends here", hop,
            with("Connection: X-Hop\r\nX-Hop: secret\r\nX-End: 1\r\n"), has: ["X-End: 1"],
            lacks: ["secret"]),
        .passes(
            "in any case", hop, with("Connection: x-HOP\r\nX-Hop: secret\r\n"), lacks: ["secret"]),
        .passes(
            "all fields that Connection names", hop,
            with("Connection: a, close , b\r\nA: secret\r\nB: secret\r\n"), lacks: ["secret"],
            closes: true),
        .passes(
            "Connection in two lines", hop,
            with("Connection: a\r\nConnection: b\r\nA: secret\r\nB: secret\r\n"), lacks: ["secret"]),
        .passes(
            "empty elements of Connection", "RFC 9110, 5.6.1",
            with("Connection: ,, a,\r\nA: secret\r\n"), lacks: ["secret"]),
        .passes(
            "Host cannot be taken away", hop, with("Connection: Host\r\n"), has: ["Host: shop\r\n"]),
        .passes(
            "a length cannot be taken away", hop,
            with("Connection: Content-Length\r\nContent-Length: 4\r\n", "POST / HTTP/1.1") + "body",
            has: ["Content-Length: 4\r\n"]),
        .passes(
            "a coding cannot be taken away", hop,
            with(
                "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n",
                "POST / HTTP/1.1") + "4\r\nbody\r\n0\r\n\r\n", has: ["body"]),
        .passes(
            "X-Forwarded-For cannot be taken away", hop, with("Connection: X-Forwarded-For\r\n"),
            has: ["X-Forwarded-For: 127.0.0.1"]),
        .passes(
            "close is for this connection", hop, with("Connection: close\r\n"),
            lacks: ["Connection: close"], closes: true),
        .passes(
            "keep-alive is for this connection", hop, with("Connection: keep-alive\r\n"),
            lacks: ["keep-alive"]),
        .passes(
            "TE is rewritten", "RFC 9110, 10.1.4", with("Connection: TE\r\nTE: gzip;q=0.5\r\n"),
            lacks: ["gzip"]),
        .passes(
            "TE: trailers may pass", "RFC 9110, 10.1.4", with("Connection: TE\r\nTE: trailers\r\n")),
        .passes(
            "an upgrade without Connection is no upgrade", "RFC 9110, 7.8",
            with("Upgrade: websocket\r\n"), lacks: ["Upgrade"]),
        .passes(
            "an upgrade of HTTP/1.0 is no upgrade", "RFC 9110, 7.8",
            with("Connection: Upgrade\r\nUpgrade: websocket\r\n", "GET / HTTP/1.0"),
            lacks: ["websocket"]),
        .passes(
            "h2c does not pass", "RFC 9113, 3.1",
            with(
                "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
            ), lacks: ["h2c", "HTTP2-Settings"]),
        .refused("a connection option that is no token", hop, with("Connection: a b\r\n")),
    ]

    private static let origins: [ConformanceCase] = [
        .passes("Via is added", "RFC 9110, 7.6.3", with(""), has: ["Via: 1.1 "]),
        .passes(
            "Via is appended", "RFC 9110, 7.6.3", with("Via: 1.1 cdn\r\n"),
            has: ["1.1 cdn", "1.1 bluegreen"]),
        .passes(
            "X-Forwarded-For is not believed", "RFC 7239, 8.1",
            with("X-Forwarded-For: 6.6.6.6\r\n"), has: ["X-Forwarded-For: 127.0.0.1\r\n"],
            lacks: ["6.6.6.6"]),
        .passes(
            "a second X-Forwarded-For is not believed", "RFC 7239, 8.1",
            with("X-Forwarded-For: 6.6.6.6\r\nx-forwarded-for: 6.6.6.7\r\n"), lacks: ["6.6.6"]),
        .passes(
            "an X_Forwarded_For is not believed", "RFC 7239, 8.1",
            with("X_Forwarded_For: 6.6.6.6\r\nX-Forwarded_For: 6.6.6.7\r\n"), lacks: ["6.6.6"]),
        .passes(
            "X-Forwarded-Proto is not believed", "RFC 7239, 8.1",
            with("X-Forwarded-Proto: https\r\n"), has: ["X-Forwarded-Proto: http\r\n"],
            lacks: ["https"]),
        .passes(
            "X-Forwarded-Host is not believed", "RFC 7239, 8.1", with("X-Forwarded-Host: bank\r\n"),
            has: ["X-Forwarded-Host: shop\r\n"], lacks: ["bank"]),
        .passes(
            "X-Forwarded-Port is not believed", "RFC 7239, 8.1", with("X-Forwarded-Port: 666\r\n"),
            lacks: ["666"]),
        .passes(
            "X-Real-IP is not believed", "RFC 7239, 8.1",
            with("X-Real-IP: 6.6.6.6\r\nX_Real_IP: 6.6.6.7\r\n"), lacks: ["6.6.6"]),
        .passes(
            "Forwarded is not believed", "RFC 7239, 8.1",
            with("Forwarded: for=6.6.6.6;proto=https\r\n"), has: ["for=127.0.0.1"],
            lacks: ["6.6.6.6"]),
        .passes(
            "an ordinary name with an underscore passes", "RFC 9110, 5.1",
            with("X_Request_Id: 7\r\n"), has: ["X_Request_Id: 7\r\n"]),
    ]

    private static let expectations: [ConformanceCase] = [
        .refused(
            "an expectation nobody knows", "RFC 9110, 10.1.1", with("Expect: miracles\r\n"), [417]),
        .passes(
            "an expectation of HTTP/1.0 is ignored", "RFC 9110, 10.1.1",
            with("Expect: 100-continue\r\nContent-Length: 4\r\n", "POST / HTTP/1.0") + "body",
            has: ["\r\n\r\nbody"], lacks: ["Expect"]),
        .passes(
            "a body that is announced and sent at once", "RFC 9110, 10.1.1",
            with("Expect: 100-continue\r\nContent-Length: 4\r\n", "POST / HTTP/1.1") + "body",
            has: ["\r\n\r\nbody"]),
        .passes(
            "Max-Forwards is for two methods only", "RFC 9110, 7.6.2", with("Max-Forwards: 0\r\n"),
            has: ["GET / HTTP/1.1\r\n"]),
        .passes(
            "a hop is counted", "RFC 9110, 7.6.2",
            with("Max-Forwards: 3\r\n", "OPTIONS / HTTP/1.1"), has: ["Max-Forwards: 2\r\n"],
            lacks: ["Max-Forwards: 3"]),
        ConformanceCase(
            name: "the last hop answers itself", section: "RFC 9110, 7.6.2", direction: .request,
            request: with("Max-Forwards: 0\r\n", "OPTIONS * HTTP/1.1"),
            answer: ConformanceCase.plainAnswer, outcome: .refused([200])),
    ]
}
