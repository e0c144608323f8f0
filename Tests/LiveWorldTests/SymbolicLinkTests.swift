import Contracts
import Foundation
import Testing

@testable import LiveWorld

@Suite struct SymbolicLinkTests {
    let folder: TemporaryFolder
    let files = World.live().files

    init() throws { folder = try TemporaryFolder() }

    @Test func `a link says what it was made to say, and leaves nothing aside`() throws {
        for target in ["blue", "green", "../far/away"] {
            try files.replaceLink(folder("current"), target)
            #expect(try files.readLink(folder("current")) == target)
        }
        #expect(try folder.names() == ["current"])
    }

    @Test func `an absent link says nothing`() throws {
        #expect(try files.readLink(folder("current")) == nil)
        #expect(try files.readLink(folder("none/current")) == nil)
    }

    @Test func `what is no link is neither read nor replaced`() throws {
        try folder.write("current", "precious")
        let read = #expect(throws: FileFailure.self) { _ = try files.readLink(folder("current")) }
        #expect(read?.reason == .unsafe)
        let replaced = #expect(throws: FileFailure.self) {
            try files.replaceLink(folder("current"), "green")
        }
        #expect(replaced?.reason == .unsafe)
        #expect(
            replaced?.message
                == "cannot replace the link \(folder("current")): it is no symbolic link")
        #expect(try folder.text("current") == "precious")
        #expect(try folder.names() == ["current"])
    }

    @Test func `a link that a killed process left aside is written over`() throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder(".current.tmp"), withDestinationPath: "rubbish")
        try files.replaceLink(folder("current"), "green")
        #expect(try files.readLink(folder("current")) == "green")
        #expect(try folder.names() == ["current"])
    }

    @Test func `a file aside that is not ours is left alone`() throws {
        try folder.write(".current.tmp", "precious")
        #expect(throws: FileFailure.self) { try files.replaceLink(folder("current"), "green") }
        #expect(try folder.text(".current.tmp") == "precious")
        #expect(try files.readLink(folder("current")) == nil)
    }
}
