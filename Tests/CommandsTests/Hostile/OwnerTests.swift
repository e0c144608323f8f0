import ShopRig
import Testing

@testable import Commands

/// What the record keeps of the one who ran a command.
@Suite struct OwnerTests {
    @Test(arguments: [
        ("https://bot:t0ken@ci.example.com/jobs/7", "https://ci.example.com/jobs/7"),
        ("https://t0ken@ci.example.com/jobs/7?a=b@c", "https://ci.example.com/jobs/7?a=b@c"),
        ("https://ci.example.com/@team/jobs/7", "https://ci.example.com/@team/jobs/7"),
    ])
    func `a password in the address of the job is not kept`(address: String, kept: String) {
        let shop = Shop(environment: ["CI_JOB_URL": address])
        shop.type("deploy", "2.7")
        #expect(!shop.recorded.contains("t0ken"))
        #expect(shop.recorded.contains(kept))
    }
}
