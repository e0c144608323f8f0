import Testing

@testable import Routers

@Suite struct MountTableTests {
    private static let table = MountTable(
        """
        /dev/vda / ext4 rw 0 0
        tmpfs /run tmpfs rw 0 0
        tmpfs /mnt ramfs rw 0 0
        tmpfs /srv tmpfs rw 0 0
        /dev/vdb /srv ext4 rw 0 0
        /dev/vdc /run/disk xfs rw 0 0

        """)

    @Test(arguments: ["/run", "/run/bluegreen/shop", "/mnt/x"])
    func `what is below a file system in memory is volatile`(path: String) {
        #expect(Self.table.isVolatile(path))
    }

    @Test(arguments: ["/var/lib/shop", "/running", "/run/disk/shop", "/srv/shop", "/"])
    func `the innermost and latest mount counts`(path: String) {
        #expect(!Self.table.isVolatile(path))
    }

    @Test func `a table that says nothing warns of nothing`() {
        #expect(!MountTable("").isVolatile("/run"))
        #expect(!MountTable("nonsense\n\n").isVolatile("/run"))
    }
}
