import Testing

@testable import Contracts

struct SealedObjectTests {
    @Test func `the checksum is CRC-32C`() {
        #expect(SealedObject.crc32c(Array("123456789".utf8)[...]) == "e3069283")
    }

    @Test func `what was sealed is opened, and one changed byte is found`() {
        let open = Array(#"{"live":"blue""#.utf8)
        let sealed = SealedObject.seal(open)
        #expect(SealedObject.open(sealed[...]).map(Array.init) == open)
        for index in sealed.indices {
            var torn = sealed
            torn[index] ^= 1
            #expect(SealedObject.open(torn[...]) == nil)
            #expect(SealedObject.open(sealed[..<index]) == nil)
        }
    }
}
