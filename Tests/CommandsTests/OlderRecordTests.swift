import FoundationEssentials
import ShopRig
import TestWorld
import Testing

/// What an older build wrote down is read for ever. `Records/format-1` is such a record, with two deploys;
/// it is never written again.
@Suite struct OlderRecordTests {
    private static let last = "runs/0000000002-8ra9e4.jsonl"

    /// Blue is live with 2.8 since some days, green has 2.7.
    private func shop() throws -> Shop {
        let shop = Shop()
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Records/format-1")
        for name in ["state.json", "runs/0000000001-xtz6dx.jsonl", Self.last] {
            let content = try Data(contentsOf: folder.appending(path: name))
            shop.files[".bluegreen/shop/\(name)"] = Array(content)
        }
        shop.production.setValue("blue:green:0:130")
        shop.wait(.seconds(30 * 86_400))
        return shop
    }

    @Test func `a record of an older build is understood, and leads back`() throws {
        let shop = try shop()
        let status = shop.type("status")
        #expect(status.status == 0, "\(status)")
        #expect(status.output.contains("blue  2.8"), "\(status)")
        #expect(status.output.contains("ROLLBACK READY → green  2.7"), "\(status)")
        #expect(shop.type("show").output.contains("r-000002-8ra9e4"))
        #expect(shop.type("history").output.contains("r-000001-xtz6dx"))
        let back = shop.type("rollback")
        #expect(back.status == 0, "\(back)")
        #expect(shop.production.value == "green:-:0:193")
        #expect(shop.type("status").status == 0)
    }

    @Test(arguments: [("resume", "blue:"), ("rollback", "green:")])
    func `a run of an older build that died is taken up`(verb: String, live: String) throws {
        let shop = try shop()
        let path = ".bluegreen/shop/" + Self.last
        let lines = try #require(shop.files[path]).split(separator: UInt8(ascii: "\n"))
        let intent = try #require(
            lines.firstIndex {
                String(decoding: $0, as: UTF8.self).contains(#""k":"switchIntended""#)
            })
        shop.files[path] = lines[...intent].flatMap { Array($0) + [UInt8(ascii: "\n")] }
        shop.files[".bluegreen/shop/state.json"] = nil
        #expect(shop.type("status").status == 20)
        let done = shop.type(verb)
        #expect(done.status == 0, "\(done)")
        #expect(shop.production.value?.hasPrefix(live) == true)
        #expect(shop.type("status").status == 0)
    }
}
