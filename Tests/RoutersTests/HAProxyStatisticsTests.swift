import Contracts
import Testing

@testable import Routers

@Suite struct HAProxyStatisticsTests {
    private static let header =
        "# pxname,svname,scur,status,weight,bck,type,hrsp_5xx,req_tot,srv_abrt,rtime,last_chk,\n"
    private static let total = "shop_blue,BACKEND,3,UP,1,0,1,4,100,1,12,,\n"

    private static func read(_ rows: String) -> HAProxyStatistics? {
        HAProxyStatistics(Array((header + rows + "\n").utf8)[...], of: ["shop_blue"])
    }

    @Test(arguments: [
        ("UP", 1), ("UP 1/3", 1), ("no check", 1), ("DOWN", 0), ("DOWN 1/2", 0), ("MAINT", 0),
        ("MAINT (via a/b)", 0), ("MAINT (resolution)", 0), ("DRAIN", 0), ("NOLB", 0),
        ("NOLB 1/2", 0),
    ])
    func `only servers that receive traffic are up`(_ status: String, _ up: Int) throws {
        let statistics = try #require(
            Self.read("shop_blue,s1,0,\(status),1,0,2,0,0,0,0,,\n" + Self.total))
        #expect(
            statistics.pool(of: "shop_blue") == Pool(serversUp: up, serversInAll: 1, inFlight: 3))
    }

    @Test func `a server of weight 0 is not up`() throws {
        let statistics = try #require(Self.read("shop_blue,s1,0,UP,0,0,2,0,0,0,0,,\n" + Self.total))
        #expect(statistics.pool(of: "shop_blue")?.serversUp == 0)
    }

    @Test func `a backup server does not count`() throws {
        let statistics = try #require(Self.read("shop_blue,s1,0,UP,1,1,2,0,0,0,0,,\n" + Self.total))
        #expect(
            statistics.pool(of: "shop_blue") == Pool(serversUp: 0, serversInAll: 0, inFlight: 3))
    }

    @Test func `a backend that is not in the table has no pool`() throws {
        let statistics = try #require(Self.read(Self.total))
        #expect(statistics.pool(of: "shop_green") == nil)
        #expect(statistics.counters(of: "shop_green") == nil)
    }

    @Test func `answers of 500 and more and cut answers are errors`() throws {
        let statistics = try #require(Self.read(Self.total))
        let counters = TrafficCounters(
            requests: 100, errors: 5, averageResponseTime: .milliseconds(12), inFlight: 3)
        #expect(statistics.counters(of: "shop_blue") == counters)
    }

    @Test func `without requests there is no response time`() throws {
        let statistics = try #require(Self.read("shop_blue,BACKEND,0,UP,1,0,1,0,0,0,0,,\n"))
        #expect(statistics.counters(of: "shop_blue")?.averageResponseTime == nil)
    }

    @Test func `a backend without HTTP counters has no counters`() throws {
        let statistics = try #require(Self.read("shop_blue,BACKEND,0,UP,1,0,1,,,0,0,,\n"))
        #expect(statistics.counters(of: "shop_blue") == nil)
    }

    @Test func `quoted commas, quotes and line ends do not shift columns`() throws {
        let text = "\"wrong, code: \"\"x\"\"\n\nshop_blue,BACKEND,9\""
        let statistics = try #require(
            Self.read("shop_blue,s1,0,UP,1,0,2,0,0,0,0,\(text),\n" + Self.total))
        #expect(
            statistics.pool(of: "shop_blue") == Pool(serversUp: 1, serversInAll: 1, inFlight: 3))
    }

    @Test(arguments: [
        "", "\n", "nonsense\n\n", "# pxname,svname\n\n", "Permission denied\n\n",
        header, header + total, header + "shop_blue,short\n\n", header + "shop_blue,\"open\n\n",
    ])
    func `what is no whole table is not read`(_ text: String) {
        #expect(HAProxyStatistics(Array(text.utf8)[...], of: ["shop_blue"]) == nil)
    }
}
