/// Makes malformed requests out of well-formed ones, the same ones for the same seed.
struct Mutator {
    private var random: SplitMix

    init(seed: UInt64) {
        random = SplitMix(state: seed)
    }

    /// One request, or a few in a row, with up to six things wrong.
    mutating func next() -> [UInt8] {
        var bytes = pick(Self.requests)
        if one(in: 4) { bytes += pick(Self.requests) }
        for _ in 0..<random.below(7) { bytes = mutated(bytes) }
        return bytes
    }

    /// Where the bytes are cut into separate writes: none, one or two places.
    mutating func cuts(of count: Int) -> [Int] {
        guard count > 1 else { return [] }
        return (0..<random.below(3)).map { _ in 1 + random.below(count - 1) }.sorted()
    }

    private mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        guard !bytes.isEmpty else { return bytes }
        var bytes = bytes
        let place = random.below(bytes.count)
        let length = min(1 + random.below(12), bytes.count - place)
        switch random.below(8) {
        case 0: bytes[place] ^= 1 << UInt8(random.below(8))
        case 1: bytes[place] = UInt8(random.below(256))
        case 2: bytes.insert(contentsOf: pick(Self.fragments), at: place)
        case 3: bytes.removeSubrange(place..<place + length)
        case 4: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
        case 5: bytes.insert(contentsOf: pick(Self.fields), at: afterALine(bytes, from: place))
        case 6: bytes.removeLast(length)
        default: bytes.replaceSubrange(place..<place + length, with: pick(Self.fragments))
        }
        return bytes
    }

    private func afterALine(_ bytes: [UInt8], from place: Int) -> Int {
        bytes[place...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
    }

    private mutating func one(in count: Int) -> Bool { random.below(count) == 0 }

    private mutating func pick(_ choices: [String]) -> [UInt8] {
        Array(choices[random.below(choices.count)].utf8)
    }

    // MARK: - What it works with

    private static let requests = [
        "GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n",
        "GET /a?b=c HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "HEAD / HTTP/1.1\r\nHost: shop.test\r\nX-Long: \(String(repeating: "a", count: 300))\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: shop.test\r\n\r\n",
        "GET http://shop.test/x HTTP/1.1\r\nHost: shop.test\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 5\r\n\r\nhello",
        "PUT /o HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5\r\nhello\r\n3;x=y\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: shop.test\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok",
        "GET /ws HTTP/1.1\r\nHost: shop.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: shop.test\r\nConnection: X-Hop, keep-alive\r\nX-Hop: 1\r\n"
            + "X-Forwarded-For: 10.1.1.1\r\nForwarded: for=10.1.1.1\r\nVia: 1.1 far\r\n\r\n",
        "DELETE /1 HTTP/1.1\r\nhost:shop.test:8080\r\nCookie: a=b; c=d\r\nTE: trailers\r\n\r\n",
    ]

    private static let fields = [
        "Content-Length: 5\r\n", "Content-Length: 6\r\n", "Content-Length: +5\r\n",
        "Content-Length: 5, 5\r\n", "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding:\tchunked\r\n", "transfer_encoding: chunked\r\n", "Host: other.test\r\n",
        "Host:\r\n", " folded\r\n", "\tfolded\r\n", "Connection: close\r\n", "Connection: host\r\n",
        "Connection: content-length\r\n", "Upgrade: h2c\r\n", "X_Forwarded_For: 1.2.3.4\r\n",
        "No-Colon\r\n", ": no name\r\n", "Name : space\r\n", "Expect: 200-ok\r\n", "\n", "\r\n",
    ]

    private static let fragments = [
        "\r", "\n", "\0", "\t", " ", ":", ",", ";", "\r\n", "\r\n\r\n", "\n\n", "0\r\n\r\n",
        "fffffffff",
        "-1", "0x5", "\u{7f}", "\u{b}", "%00", "HTTP/1.1", "HTTP/9.9", "HTTP/1.0", "chunked", "é",
        "\"",
    ]
}

/// A small generator that gives the same numbers for the same seed everywhere (Steele, Lea and Flood,
/// "Fast splittable pseudorandom number generators", 2014).
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// 0..<count
    mutating func below(_ count: Int) -> Int { Int(next() % UInt64(max(count, 1))) }
}
