import Contracts
import PipelineModel
import TestWorld
import Testing

@testable import StateStores

/// Nothing that happens to a file is taken for what was written.
struct JournalDamageTests {
    let rig = Rig()

    @Test func `a cut at any byte keeps the entries before it and tells of the rest`() async throws
    {
        try await rig.run(Array(Sample.deployment.prefix(4)))
        let whole = try #require(rig.disk[rig.journals[0]])
        let name = try #require(RunName(file: "0000000001-a10000.jsonl"))
        for length in 0..<whole.count {
            let reading = JournalReading(Array(whole.prefix(length)), name: name)
            let lines = whole.prefix(length).count { $0 == UInt8(ascii: "\n") }
            #expect(reading.lines.count == lines)
            let isAtBoundary = length == 0 || whole[length - 1] == UInt8(ascii: "\n")
            #expect((reading.damage == nil) == isAtBoundary)
        }
    }

    @Test func `no flipped bit of a journal is accepted`() async throws {
        try await rig.run(Array(Sample.deployment.suffix(3)))
        let whole = try #require(rig.disk[rig.journals[0]])
        let name = try #require(RunName(file: "0000000001-a10000.jsonl"))
        var accepted = 0
        for bit in 0..<(whole.count * 8) {
            var flipped = whole
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            if JournalReading(flipped, name: name).damage == nil { accepted += 1 }
        }
        #expect(accepted == 0)
    }

    @Test(arguments: [1, 7, 100, 4096], [UInt8(0), 0xFF, UInt8(ascii: "{")])
    func `a tail of rubbish is torn off`(length: Int, byte: UInt8) async throws {
        try await rig.run(Sample.deployment)
        rig.disk[rig.journals[0]]? += [UInt8](repeating: byte, count: length)
        let stored = try rig.store().load()
        #expect(stored.condition.isTorn)
        #expect(stored.record.live?.color == .green)
    }

    @Test func `a torn end is forgotten by the next run`() async throws {
        try await rig.run(Sample.deployment)
        rig.disk[rig.journals[0]]? += Array("{\"n\":".utf8)
        try await rig.run([], seed: 43)
        #expect(try rig.store().condition.isSound)
        rig.disk[rig.stateFile] = nil
        #expect(try rig.store().condition.isSound)
    }

    @Test func `a dropped line is found`() async throws {
        try await eachLine { lines, index in lines.remove(at: index) }
    }

    @Test func `a doubled line is found`() async throws {
        try await eachLine { lines, index in lines.insert(lines[index], at: index) }
    }

    @Test func `lines that changed places are found`() async throws {
        try await eachLine { lines, index in lines.swapAt(index, index == 0 ? 1 : index - 1) }
    }

    /// Damages each line of a deployment's journal in turn; only the last needs state.json to be seen.
    private func eachLine(_ damage: (inout [String], Int) -> Void) async throws {
        try await rig.run(Sample.deployment)
        let whole = rig.lines(rig.journals[0])
        for index in whole.indices {
            var lines = whole
            damage(&lines, index)
            rig.write(lines, rig.journals[0])
            #expect(try rig.store().condition.isCorrupt, "line \(index + 1)")
        }
    }

    @Test func `what stands before the damage still counts`() async throws {
        try await rig.run(Sample.deployment)
        var lines = rig.lines(rig.journals[0])
        lines[15] = lines[15].replacing("passed", with: "failed")
        rig.write(lines, rig.journals[0])
        rig.disk[rig.stateFile] = nil
        let stored = try rig.store().load()
        #expect(
            stored.condition == .corrupt("entry 16 of r-000001-a10000 was changed or damaged"))
        #expect(stored.record.live?.color == .green)
        #expect(stored.record.bake?.verdict == nil)
    }

    @Test func `a cut at the end of a line is caught by state json`() async throws {
        try await rig.run(Sample.deployment)
        for count in 0..<Sample.deployment.count {
            rig.write(Array(rig.lines(rig.journals[0]).prefix(count)), rig.journals[0])
            let stored = try rig.store().load()
            #expect(stored.condition.isCorrupt)
            #expect(stored.record.live?.color == .green)
        }
    }

    @Test func `a run's file that is gone is caught by state json`() async throws {
        try await rig.run(Sample.deployment)
        rig.disk[rig.journals[0]] = nil
        #expect(try rig.store().condition.words.contains("is gone"))
    }

    @Test func `runs of an old backup are caught by state json`() async throws {
        try await rig.run(Sample.deployment)
        let backup = rig.disk.copy()
        try await rig.run(Sample.deployment, seed: 43)
        let state = rig.disk[rig.stateFile]
        backup[rig.stateFile] = state
        #expect(try Rig(disk: backup).store().condition.isCorrupt)
    }

    @Test func `a missing run between two others breaks the chain`() async throws {
        for seed in 1...3 { try await rig.run(Sample.deployment, seed: UInt64(seed)) }
        rig.disk[rig.journals[1]] = nil
        rig.disk[rig.stateFile] = nil
        #expect(try rig.store().condition.words.contains("does not follow"))
    }

    @Test func `a damaged or edited state json is replaced by the journals`() async throws {
        try await rig.run(Sample.deployment)
        let whole = try #require(rig.disk[rig.stateFile])
        let record = try rig.store().load().record
        for index in stride(from: 0, to: whole.count, by: 13) {
            rig.disk[rig.stateFile]?[index] ^= 1
            let stored = try rig.store().load()
            #expect(stored.condition == .sound)
            #expect(stored.record == record)
            rig.disk[rig.stateFile] = whole
        }
    }

    @Test func `a number that no run can have is damage`() async throws {
        try await rig.run(Sample.deployment)
        let lines = rig.lines(rig.journals[0]).map { line in
            let open = SealedObject.open(Array(line.utf8)[...]) ?? []
            let forged = String(decoding: open, as: UTF8.self).replacing(
                #","e":1,"#, with: ",\"e\":\(Int.max),")
            return String(decoding: SealedObject.seal(Array(forged.utf8)), as: UTF8.self)
        }
        rig.write(lines, rig.journals[0])
        rig.disk[rig.stateFile] = nil
        #expect(try rig.store().condition.isCorrupt)
        #expect(try rig.store().load().record.epoch < Token.largestEpoch)
    }

    @Test func `the file of a newer format is told, and what went before counts`() async throws {
        try await rig.run(Sample.deployment)
        try await rig.run([], seed: 43)
        rewrite(rig.journals[1], 0) { $0.replacing(#""format":1"#, with: #""format":2"#) }
        let stored = try rig.store().load()
        #expect(stored.condition.isTooNew)
        #expect(stored.record.live?.color == .green)
    }

    @Test func `an event of an unknown kind is told and skipped`() async throws {
        let beginning = try await rig.run(Array(Sample.deployment.prefix(7)))
        rewrite(rig.journals[0], 7) { $0.replacing("checksPassed", with: "moonWaxed") }
        #expect(
            try rig.store().condition
                == .tooNew("entry 8 of r-000001-a10000, 'moonWaxed', is not known to this program"))
        #expect(try rig.store().entries(of: beginning.run)?.count == 7)
    }

    @Test func `an old entry that was rewritten with its checksum breaks the chain`() async throws {
        try await rig.run(Sample.deployment)
        rewrite(rig.journals[0], 15) { $0.replacing("passed", with: "failed") }
        #expect(
            try rig.store().condition
                == .corrupt("entry 17 of r-000001-a10000 does not follow from the one before it"))
    }

    @Test func `a rollback over a damaged record heals it`() async throws {
        try await rig.run(Sample.deployment)
        rig.write(Array(rig.lines(rig.journals[0]).dropLast(2)), rig.journals[0])
        let journal = try await rig.store(seed: 43).begin()
        #expect(try rig.store().condition.isCorrupt)
        try await journal.append(.rolledBack(live: .blue), isDurable: true)
        let stored = try rig.store().load()
        #expect(stored.condition == .sound)
        #expect(stored.record.live?.color == .blue)
    }

    /// Changes the last line so that its checksum is right again.
    private func rewrite(_ path: String, _ index: Int, _ change: (String) -> String) {
        var lines = rig.lines(path)
        let open = Array(change(lines[index]).utf8.dropLast(#","crc":"00000000"}"#.utf8.count))
        lines[index] = String(decoding: SealedObject.seal(open), as: UTF8.self)
        rig.write(lines, path)
    }
}
