import Contracts
import TestWorld
import Testing

@testable import StateStores

/// The format on disk: it must not change by accident.
struct JournalFormatTests {
    @Test func `the journal of a run is spelled as in the golden file`() async throws {
        let rig = Rig()
        try await rig.run(Sample.deployment + Sample.others)
        let journal = try #require(rig.journals.first)
        #expect(rig.lines(journal) == GoldenJournal.lines)
    }

    @Test func `the golden file is read as what was written`() throws {
        let bytes = Array(GoldenJournal.lines.map { $0 + "\n" }.joined().utf8)
        let name = try #require(RunName("0000000001-a10000"))
        let reading = JournalReading(bytes, name: name)
        #expect(reading.damage == nil)
        let events = reading.lines.compactMap(\.entry?.event)
        #expect(Array(events.dropFirst()) == Sample.deployment + Sample.others)
    }

    @Test func `a line holds nothing but ASCII`() async throws {
        let rig = Rig()
        try await rig.run([.failed(Sample.failure)])
        let bytes = try #require(rig.disk[rig.journals[0]])
        #expect(bytes.allSatisfy { (32..<127).contains($0) || $0 == UInt8(ascii: "\n") })
    }

    @Test func `the hash is the beginning of SHA-256`() {
        #expect(Checksum.hash(Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223")
    }

    @Test func `a run's name is found again in its identifier and its file`() throws {
        let name = RunName(epoch: 41, randomBits: 0xfeed)
        #expect(name.run.text.hasPrefix("r-000041-"))
        #expect(RunName(name.run) == name)
        #expect(RunName(file: name.file) == name)
    }

    @Test(arguments: [
        "r-000041-../../", "r-41-7k3q9x", "r-000041-7k3q9x/..", "r-000041-7K3Q9X", "", "r--",
        "r-0000000000041-7k3q9x", "r-000041-7k3q9", "x-000041-7k3q9x",
    ])
    func `an identifier that could be a path is no run`(text: String) throws {
        #expect(RunName(RunID(text)) == nil)
    }
}
