import Testing

@testable import EmbeddedProxy

struct DescriptorSharesTests {
    @Test(arguments: [200, 1024, 20_000, 1 << 20], [1, 2, 16])
    func `clients and upstreams together leave a reserve`(limit: Int, threads: Int) throws {
        let shares = try DescriptorShares(limit: limit, threads: max(1, min(threads, limit / 100)))
        #expect(shares.clients >= 16)
        #expect(shares.upstreams * 100 >= shares.clients * 96)
        #expect(limit - shares.clients - shares.upstreams >= 96)
    }

    @Test(arguments: [1, 16, 64])
    func `20,000 are enough for 10,000 clients, and as many as ask from outside`(threads: Int)
        throws
    {
        let shares = try DescriptorShares(limit: 20_000, threads: threads)
        #expect(shares.clients >= 10_000)
    }

    @Test func `too few are refused, with the number that is needed`() throws {
        let shortage = #expect(throws: DescriptorShares.Shortage.self) {
            try DescriptorShares(limit: 128, threads: 2)
        }
        #expect(shortage == DescriptorShares.Shortage(limit: 128, needed: 168))
        _ = try DescriptorShares(limit: 168, threads: 2)
    }

    @Test func `a place is given to no more than there are, and again when it is given back`() {
        let places = Places(2)
        places.take()
        #expect(places.takeIfFree())
        #expect(places.areTaken)
        #expect(!places.takeIfFree())
        places.giveBack()
        #expect(places.takeIfFree())
    }
}
